"""The words: what may be said on a topic, as frozen pydantic models. Imports nothing of ours."""
