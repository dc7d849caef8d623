"""The tables of the ledger: entries, the digests of the addresses of whom they are about, and counts.

No column takes free text. Choices, numbers, times and digests are held by constraints, so that nobody can write a name
into the ledger by mistake. Rows are added and never changed: see `bazaar.ledger.triggers`.
"""

from django.db import models

from bazaar.ledger.choices import REASONS, Kind, LedgerMode, RecordCategory
from bazaar.ledger.constraints import holds_no_word, is_hex, is_number, is_one_of

HEX = 64
"""Hexadecimal digits of a digest."""
MARK = 16
"""Hexadecimal digits that tell one key from another."""


class Entry(models.Model):
    """A decision about a person, or a statement about earlier entries."""

    number = models.BigIntegerField(primary_key=True, help_text="Counts from 1 without gaps.")
    origin = models.UUIDField(help_text="The main database in which it was decided.")
    made_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    person = models.UUIDField(null=True, help_text="The public id of the user.")
    request = models.UUIDField(null=True, help_text="The public id of the deletion request.")
    hold = models.UUIDField(null=True, help_text="The public id of the hold.")
    mode = models.CharField(max_length=10, choices=LedgerMode, blank=True)
    reason = models.CharField(max_length=20, choices=[(reason, reason) for reason in REASONS], blank=True)
    scheduled_for = models.DateTimeField(null=True, help_text="The date that the person was promised.")
    review_on = models.DateField(null=True, help_text="When a hold has to be reviewed.")
    reference = models.BigIntegerField(null=True, help_text="The number of the entry that it is about.")
    reference_digest = models.CharField(max_length=HEX, blank=True, help_text="The digest of the last expired entry.")
    key_mark = models.CharField(max_length=MARK, help_text="Tells which key was used.")
    previous = models.CharField(max_length=HEX, unique=True, help_text="The digest of the entry before.")
    digest = models.CharField(max_length=HEX, unique=True, help_text="The keyed digest of all of the entry.")

    class Meta:
        verbose_name = "ledger entry"
        verbose_name_plural = "ledger entries"
        ordering = ("number",)
        indexes = [
            models.Index(fields=["origin", "number"], name="entry_origin"),
            models.Index(fields=["reference"], name="entry_reference"),
            models.Index(fields=["request"], name="entry_request"),
        ]
        constraints = [
            is_number("number", "entry_number_is_a_number", least=1),
            is_number("reference", "entry_reference_is_a_number"),
            is_one_of("kind", Kind.values, "entry_kind_is_a_choice"),
            is_one_of("mode", ["", *LedgerMode.values], "entry_mode_is_a_choice"),
            is_one_of("reason", ["", *REASONS], "entry_reason_is_a_choice"),
            *(
                holds_no_word(name, f"entry_{name}_is_no_word")
                for name in ("origin", "person", "request", "hold", "made_at", "scheduled_for", "review_on")
            ),
            is_hex("key_mark", MARK, "entry_key_mark_is_hex"),
            is_hex("previous", HEX, "entry_previous_is_hex"),
            is_hex("digest", HEX, "entry_digest_is_hex"),
            models.CheckConstraint(
                condition=models.Q(reference_digest="") | models.Q(is_hex("reference_digest", HEX, "-").condition),
                name="entry_reference_digest_is_hex",
            ),
        ]

    def __str__(self) -> str:
        return f"ledger entry {self.number}"


class EntryDigest(models.Model):
    """The keyed digest of an address that the person held."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="digests")
    digest = models.CharField(max_length=HEX, db_index=True)

    class Meta:
        verbose_name = "digest of an address"
        verbose_name_plural = "digests of addresses"
        constraints = [
            is_hex("digest", HEX, "address_digest_is_hex"),
            models.UniqueConstraint(fields=["entry", "digest"], name="address_digest_once_per_entry"),
        ]

    def __str__(self) -> str:
        return f"digest {self.pk}"


class EntryCount(models.Model):
    """How many rows of a category an erasure deleted and changed."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="counts")
    category = models.CharField(max_length=20, choices=RecordCategory)
    deleted = models.BigIntegerField()
    changed = models.BigIntegerField()

    class Meta:
        verbose_name = "count of a category"
        verbose_name_plural = "counts of categories"
        constraints = [
            is_one_of("category", RecordCategory.values, "count_category_is_a_choice"),
            is_number("deleted", "count_deleted_is_a_number"),
            is_number("changed", "count_changed_is_a_number"),
            models.UniqueConstraint(fields=["entry", "category"], name="count_once_per_category"),
        ]

    def __str__(self) -> str:
        return f"count {self.pk}"
