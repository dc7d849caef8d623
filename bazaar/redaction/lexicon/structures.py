"""Keys that tell something about their siblings: pairs, changes and tables."""

from bazaar.redaction.lexicon import word_set

FIELD = word_set(
    "field fields attribute attributes attr attrs column columns property properties param parameter header question "
    "prop variable element"
)
"""The last word, or the last before `NAME` and `IDS`, of keys that tell which datum an object is about: `fieldName`."""

FIELD_ALONE = word_set(
    "k key id path label name type kind system title prompt channel target fieldname "
    "columnname attributename propertyname"
)
"""Alone these tell it too, where what they name is personal by itself: `{"key": "email", "v": "..."}`."""

NAMES_ALL = word_set("k key id path name")
"""Those of `FIELD_ALONE` beside which everything goes that can hold the datum; beside the others only values do."""

KIND = word_set("type kind object resource entity model table tag objectclass typename")
"""Keys that tell what an object is: `{"type": "User"}`. With `type` or `kind` behind a word they tell of what kind the
thing is that the word means: `{"item_type": "User", "item_id": 7}`."""

WRAPPERS = word_set(
    "data attributes properties fields details payload body object resource content source identifier mapvalue items "
    "nodes edges node item entries entry list results records elements page byid all others links html link"
)
"""Keys, words run together, of containers that say nothing of what they hold: `{"members": {"data": [...]}}`. Those of
`CHANGE` are such too."""

STATES = word_set("state image snapshot record row document version object values")
"""Behind `old` or `prior` these are what there was about the thing: a container that says nothing of what it holds."""

GENERIC = word_set("target object resource entity item subject source")
"""Words for whatever it is: its `type` tells what."""

EVENT = word_set("event topic action trigger webhook eventtype eventname webhookevent webhooktype hook")
"""Keys, words run together, that tell what happened to whom: `{"event": "customer.updated", "data": {...}}`."""

HAPPENINGS = word_set("event message notification webhook request")
"""Things of which the data are about something else: `{"event": {"data": {"name": "Ann"}}}`."""

HAPPENED = word_set(
    "create created update updated delete deleted change changed edit edited modify modified upsert upserted hire "
    "hired merge merged register registered activated deactivated suspended archived anonymized anonymised imported "
    "terminated"
)
"""The last word of such an event, by which somebody came to be, became other, or ended."""

KINDS_OF_CONTACTS = word_set(
    "home work mobile cell private business office main other personal billing shipping primary"
)

WHERE = word_set("latitude longitude lat lng lon ip ips coordinates postcode postal zip zipcode street address")
"""Words of keys beside which a town is where somebody is."""

MAY_NAME = word_set("name label action event operation change attribute setting what which datum")
"""The last word of keys that name the datum where an old and a new value stand beside them: `logicalName`."""

BEFORE_AND_AFTER = word_set("old new before after previous prev prior current original updated")
"""Words of keys for the value that there was, and the value that there is."""

OF_THINGS = word_set(
    "color colour sku price currency namespace apiversion apigroup slug description quantity unitprice traceid spanid "
    "severity"
)
"""Keys, words run together, that a thing has beside its name: `{"name": "Draft", "color": "red"}`."""

NO_IDS = word_set(
    "active inactive total new count counts href links link meta url self first last next prev previous has more "
    "limit offset page pages size max min online offline enabled disabled create read update delete edit view by sort "
    "order default settings options config filter filters admin admins owner owners editor viewer guest guests schema "
    "type types status name names roles role groups permissions permission average sum summary stats"
)
"""Words of keys that are no ids, in an object under a key for several persons."""

ABOUT_PAIR = word_set(
    "fieldtype datatype valuetype field attribute attr column property path key k op operation action event kind type "
    "status state reason code method required optional readonly position order index rank level count total size "
    "length version source at on date time timestamp ms duration locale format visible visibility visited verified "
    "valid primary use unit units schema table model template priority category group domain service scope scopes "
    "line row page step message error severity is has flags flag options choices resource parent object tags created "
    "updated deleted modified changed name label title"
)
"""The last word of keys that say something about a datum beside them, and do not hold it: `reason`, `changed_at`."""

CHANGE = word_set(
    "is old new value values before after from to previous prev current original updated initial final was now "
    "oldvalue newvalue oldvalues newvalues previousvalue currentvalue originalvalue updatedvalue prevvalue "
    "initialvalue finalvalue valuebefore valueafter fromvalue tovalue v val lhs rhs vals oldval newval fromstring "
    "tostring added removed changedfrom changedto answer multivalue text content data input response display"
)
"""Keys, words run together, that hold the datum that `FIELD` names."""

TABLE_COLUMNS = word_set("columns cols header headers fields keys names schema heading headings columnnames fieldnames")

TABLE_ROWS = word_set("rows row data values records items cells results")
"""Keys, words run together, of a table: the names of its columns, and its rows."""

TABLES = word_set("rows table csv cells sheet grid matrix")
"""The last word of keys of lists of rows, of which the first may hold the names of the columns."""

FLAT_LISTS = word_set(
    "headers header rawheaders trailers pairs params parameters args fields attributes metadata tags kwargs "
    "properties cookies querystring query inputs variables labels"
)
"""The last word of keys of lists in which names and values take turns, or stand in objects (`{"name", "value"}`)."""

LISTS_OF_NAMES = word_set("fields attributes properties columns")
"""Of `FLAT_LISTS` those that can hold names of fields and nothing else: `{"changedFields": ["homePhone", "plan"]}`."""

HEADERS = word_set("from to cc bcc sender authorization cookie forwarded via name src dst")
"""The first word of header lines that hold personal data besides those whose words say so."""

VCARD = word_set("fn n nickname photo bday anniversary gender adr tel email impp geo related attendee organizer")
"""Properties of contacts and calendars that hold what is personal, as jCard and jCal have them."""
