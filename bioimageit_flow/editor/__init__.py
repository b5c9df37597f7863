"""The editor without its window: scenes, intents, forms, search, workspace. No Qt."""
