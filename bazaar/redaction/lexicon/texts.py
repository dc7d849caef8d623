"""What stands beside addresses in texts."""

from bazaar.redaction.lexicon import word_set

NOT_PRODUCTS = word_set("address client from host ip peer remote server source user")
"""Before a slash and four numbers these announce an address; any other capitalised word is a product with its version,
as in `Chrome/120.0.0.0`."""

RESERVED_DOMAINS = word_set(
    "alt arpa corp domain example home host internal intranet invalid lan local localdomain localhost onion private "
    "test"
)
"""Top-level domains that are in no public list: reserved by RFC 2606, 6761 and 8375, or of internal networks."""

FILE_TYPES = word_set(
    "avif bmp css csv doc docx gif gz heic htm html ico jpeg jpg js json jsx log map md pdf png scss sql svg tar "
    "tgz tif tiff ts tsx txt webm webp xml yaml yml"
)
"""Endings of files that are no top-level domains: `logo@2x.png` is a picture."""

PATHS = word_set(
    "account accounts api author authors avatar avatars contact contacts customer customers email emails file files "
    "folder from home images inbox list mail mailbox media member members people person profile profiles to upload "
    "uploads user users"
)
"""Beginnings of paths: what follows them and a slash is an address, where `f/ann@example.org` is one as a whole."""

NO_NAME = word_set(
    "from to cc bcc reply-to by sender via with for of is at mail email e-mail address contact sent and or the a an "
    "user invite invited member account message subject new old changed added removed"
)
"""Words before an address in brackets that are no part of a name."""

PARTICLES = word_set("van von der den de la le di da del della dos du ter ten zu bin al el y e")
"""Words in lower case inside of names."""
