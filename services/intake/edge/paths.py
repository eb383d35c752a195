"""Which paths there are: what the gateway looks a request up by, and what the OpenAPI document lists."""

HOOKS = "/v1/hooks/"
FACTS = "/v1/facts"

_CALLS = ("track", "identify", "page", "screen", "group", "alias", "batch")

SDK_CALLS = {
    **{f"/v1/{name}": name for name in _CALLS},
    **{f"/v1/{name[0]}": name for name in _CALLS},  # the browser SDK's short forms
    "/v1/import": "batch",  # what older server SDKs call it
}
"""The SDKs' routes, and which call each of them takes."""

OPERATORS = {
    "/healthz": ("Is it alive", "application/json"),
    "/readyz": ("Does the log take requests", "application/json"),
    "/metrics": ("What it counts, for Prometheus", "text/plain"),
    "/openapi.json": ("What it takes and answers", "application/json"),
}
"""The operators' pages: what each is about, and as which media type."""
