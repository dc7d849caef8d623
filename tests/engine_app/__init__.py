"""An app for the engine's own tests, as another project would have one: a model, and nothing of `bazaar`."""
