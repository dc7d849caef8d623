"""The inventory of this app: each app with models has such a module, and `check` fails without it."""

from bazaar.erasure.inventory import model_policy, not_personal

POLICIES = [*model_policy("engine_app.Item", not_personal("id label code seen_at", "made by tests"))]
