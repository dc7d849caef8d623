"""The file that completes the environment: which one, what it sets, and when it is refused or written."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from bazaar import bootstrap

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A project folder without any file; no variable names one."""
    monkeypatch.setattr(bootstrap, "BASE_DIR", tmp_path)
    monkeypatch.delenv("ENV_FILE", raising=False)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path


def completed(**variables):
    bootstrap.complete(variables)
    return variables


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_means_no_file(folder, monkeypatch, name):
    (folder / ".env").write_text("A=1\n")
    assert completed() == {"A": "1"}
    monkeypatch.setenv("ENV_FILE", name)

    assert bootstrap.env_file() is None
    assert completed() == {}


def test_a_name_begins_at_the_project_or_at_home(folder, monkeypatch, tmp_path):
    assert bootstrap.env_file() == folder / ".env"
    monkeypatch.setenv("ENV_FILE", "deploy/production.env")
    assert bootstrap.env_file() == folder / "deploy/production.env"
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("ENV_FILE", "~/my.env")
    assert str(bootstrap.env_file()) == "/home/ann/my.env"


def test_the_standard_file_may_be_absent_and_a_named_one_may_not(monkeypatch):
    assert completed(A="1") == {"A": "1"}
    monkeypatch.setenv("ENV_FILE", "gone.env")

    with pytest.raises(ImproperlyConfigured, match="there is no such file"):
        completed()


def test_a_file_completes_what_is_blank_and_nothing_else(folder):
    (folder / ".env").write_text("A=file\nB=file\nC=file\n")

    assert completed(A="given", B="  ") == {"A": "given", "B": "file", "C": "file"}


def test_comments_quotes_and_a_byte_order_mark_are_understood(folder):
    (folder / ".env").write_bytes(
        b"\xef\xbb\xbf# comment=1\r\n\r\n  A=1\r\nexport B='two words'\nC=\"x=y\"\nD=\nE=a#b\n"
    )

    assert completed() == {"A": "1", "B": "two words", "C": "x=y", "D": "", "E": "a#b"}


@pytest.mark.parametrize(
    "line", [f"{SECRET}", f"A B={SECRET}", f"1A={SECRET}", f"={SECRET}", f"A={SECRET}\0", "- A: 1"]
)
def test_a_line_that_sets_nothing_is_told_by_its_number(folder, line):
    (folder / ".env").write_text(f"A=1\n\n{line}\n")

    with pytest.raises(ImproperlyConfigured) as refused:
        completed()

    assert "line 3 is not NAME=value" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_what_is_no_text_is_refused(folder):
    (folder / ".env").write_bytes(b"A=\xff\xfe\n")

    with pytest.raises(ImproperlyConfigured, match="not a text file in UTF-8"):
        completed()


def test_a_folder_is_no_file(folder):
    (folder / ".env").mkdir()

    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be used \(is a directory\)"):
        completed()


def test_a_file_of_another_name_is_told_by_its_variable(folder, monkeypatch):
    monkeypatch.setenv("ENV_FILE", str(folder))

    with pytest.raises(ImproperlyConfigured, match=r"^ENV_FILE cannot be used \(is a directory\)"):
        completed()


def test_the_quickstart_writes_a_file_for_its_owner_alone(folder, capsys):
    bootstrap.write_env_for_quickstart()

    written = folder / ".env"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert completed()["DEBUG"] == "on"
    assert len(completed()["SECRET_KEY"]) >= 50
    assert completed()["SECRET_KEY"] not in capsys.readouterr().err

    first = written.read_text()
    bootstrap.write_env_for_quickstart()
    assert written.read_text() == first


def test_two_quickstarts_have_two_keys(folder):
    bootstrap.write_env_for_quickstart()
    first = completed()["SECRET_KEY"]
    (folder / ".env").unlink()
    bootstrap.write_env_for_quickstart()

    assert completed()["SECRET_KEY"] != first


def test_nothing_is_written_where_a_key_or_a_file_is_given(folder, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", SECRET)
    bootstrap.write_env_for_quickstart()
    monkeypatch.setenv("SECRET_KEY", " ")
    monkeypatch.setenv("ENV_FILE", "")
    bootstrap.write_env_for_quickstart()
    assert list(folder.iterdir()) == []

    monkeypatch.delenv("ENV_FILE")
    (folder / ".env").symlink_to(folder / "nowhere")
    bootstrap.write_env_for_quickstart()
    assert not (folder / "nowhere").exists(), "a link that leads nowhere is not followed"


@pytest.mark.parametrize("name", ["no/such/folder/.env", "a\0b"])
def test_a_file_that_cannot_be_written_is_told(monkeypatch, name):
    if "\0" in name:
        monkeypatch.setattr(bootstrap, "env_file", lambda: bootstrap.BASE_DIR / name)
        monkeypatch.setattr(bootstrap.os.path, "lexists", lambda _path: False)
    else:
        monkeypatch.setenv("ENV_FILE", name)

    with pytest.raises(ImproperlyConfigured, match="it cannot be written"):
        bootstrap.write_env_for_quickstart()
