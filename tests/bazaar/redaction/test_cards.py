"""Cards, calendars and messages of hospitals in texts lose who they are about, and keep the rest."""

import pytest

from bazaar.redaction import clean

CALENDAR = (
    "BEGIN:VCALENDAR\r\nUID:4e1a\r\nSUMMARY:Budget\r\nORGANIZER;CN={0}:mailto:{1}\r\n"
    'ATTENDEE;ROLE=CHAIR;CN="{2}":mailto:{3}\r\nLOCATION:Room 4\r\nEND:VCALENDAR\r\n'
)


def test_a_calendar_loses_its_people():
    text = CALENDAR.format("Jutta Ahrend", "jutta@example.org", "Opitz, Emil", "emil@example.org")

    cleaned = clean({"ics": text})["ics"]

    assert "Ahrend" not in cleaned
    assert "Opitz" not in cleaned
    assert "example.org" not in cleaned
    assert "SUMMARY:Budget\r\n" in cleaned
    assert "ROLE=CHAIR;CN=[removed]:[removed]\r\n" in cleaned
    assert "UID:4e1a\r\n" in cleaned


def test_a_card_loses_all_that_is_about_a_person_also_in_the_lines_that_go_on():
    text = (
        "BEGIN:VCARD\nVERSION:4.0\nFN:Greta Lind\nitem1.ADR;TYPE=home:;;Hauptweg 3\n  Ulm;;;89073\nREV:2026\nEND:VCARD"
    )

    assert clean({"card": text})["card"] == (
        "BEGIN:VCARD\nVERSION:4.0\nFN:[removed]\nitem1.ADR;TYPE=home:[removed]\nREV:2026\nEND:VCARD"
    )


def test_a_message_of_a_hospital_loses_its_patient():
    text = "MSH|^~\\&|HIS|LAB\rPID|1||4471120||Vogel^Hedwig||19520411\rPV1|1|I|2A"

    assert clean({"raw": text})["raw"] == "MSH|^~\\&|HIS|LAB\rPID|1||[removed]||[removed]||[removed]\rPV1|1|I|2A"


@pytest.mark.parametrize("text", ["BEGIN:VCALENDAR\nSUMMARY:x\nEND:VCALENDAR", "MSH|^~\\&|HIS\rPV1|1|I"])
def test_what_is_about_nobody_stays_the_same_object(text):
    document = {"text": text}

    assert clean(document) is document
