"""What a key tells about the value under it, or about its siblings; nothing is 0.

Plain numbers: the operators of a flag cost as much as cleaning a small document.
"""

PERSONAL = 1 << 0  # about a person: it goes, whatever it is
PERSON = 1 << 1  # a person: a text or a number goes, an object stays without what identifies the person
PEOPLE = 1 << 2  # several; a number is how many of them
OWN_PART = 1 << 3  # personal where it stands in an object under a key for a person
VERSION = 1 << 4  # four numbers under it are a version
FIELD = 1 << 5  # the value is the key of a datum that stands in a sibling
FIELD_ALONE = 1 << 6  # so it is where that datum is personal by itself
CHANGE = 1 << 7  # such a sibling
ABOUT_PAIR = 1 << 8  # a sibling that only says something about the datum
ADDRESS = 1 << 9  # the key itself is, or contains, an address
NAME = 1 << 10  # a name, and nothing says whose
THING = 1 << 11  # a thing that may have a name
ABOUT = 1 << 12  # an object under it is about a person, although a text is none
COLUMNS = 1 << 13  # the names of a table's columns
ROWS = 1 << 14  # the rows of a table
FLAT = 1 << 15  # a list in which names and values take turns
NAMES_ALL = 1 << 16  # a FIELD_ALONE beside which everything goes that can hold the datum
KIND = 1 << 17  # what the object is
KIND_OF = 1 << 18  # what the thing is whose name comes before: `item_type`
WRAPPER = 1 << 19  # a container under it holds what the key above says
TABLE = 1 << 20  # a list of rows, of which the first may hold the names of the columns
OF_THING = 1 << 21  # what only a thing has beside its name
MAIL = 1 << 22  # who sends or receives, in a list of headers
BY_PERSON = 1 << 23  # the keys of an object under it are persons: `votes_by_user`
OF_PERSON = 1 << 24  # what only a person has: the object is about one
OWN_ID = 1 << 25  # the id of what the object is about
PLACE = 1 << 26  # an object under it says where somebody is
IN_PLACE = 1 << 27  # a part of that
PAIR = 1 << 30  # of a list: it is one of several pairs of a name and a value
GENERIC = 1 << 32  # what stands for anything: its kind tells what it is
EVENT = 1 << 33  # what happened to whom: `customer.updated`
MAY_NAME = 1 << 34  # beside an old and a new value: it may name the datum
TEXT_ONLY = 1 << 36  # only a text under it is personal
MESSAGE = 1 << 37  # an address, or the message that was sent to it
LIST_OF_NAMES = 1 << 38  # a list under it holds names of fields
CONTACT = 1 << 39  # an address or a telephone number
HAPPENING = 1 << 40  # a thing whose data are about something else
DONE_BY = 1 << 35  # who did something: an object under it is about a person
LABELLED = 1 << 31  # of an object in a list of properties, parameters or headers: its name is a label

SOMEBODY = PERSONAL | PERSON | PEOPLE
ABOUT_PERSON = PERSON | PEOPLE | ABOUT
INHERITED = ABOUT_PERSON | VERSION | THING | FLAT | BY_PERSON | TABLE | PLACE | GENERIC | LIST_OF_NAMES | HAPPENING
"""What containers inherit from the key above them."""
