"""HubSpot's signatures, made by HubSpot's own Python library."""

from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as st

from services.intake.vendor import Authenticity, Secrets
from services.intake.vendors.hubspot import HubspotOptions, authenticate, decoded
from tests.services.intake.vendors.signing import NOW, SECONDS, posted

URL = "https://leads.example.com/v1/hooks/crm?campaign=a%20b&at=x"
SECRETS = Secrets((b"newer", b"secret"), options=HubspotOptions())
UTF8 = st.text(st.characters(codec="utf-8"))


@given(UTF8)
def test_what_the_library_signs_with_v3_is_authentic(body: str) -> None:
    timestamp = SECONDS + "000"
    signature = Signature.get_signature("secret", body, "v3", URL, "POST", timestamp)
    headers = (("x-hubspot-signature-v3", signature), ("x-hubspot-request-timestamp", timestamp))
    request = posted("hubspot", body.encode(), *headers, url=URL)
    assert authenticate(request, SECRETS, NOW).by == "v3 signature, secret 2"


@given(UTF8, st.sampled_from(["v1", "v2"]))
def test_what_the_library_signs_with_the_older_ones_is_authentic(body: str, version: str) -> None:
    signature = Signature.get_signature("secret", body, version, URL, "POST")
    headers = (("x-hubspot-signature", signature), ("x-hubspot-signature-version", version))
    request = posted("hubspot", body.encode(), *headers, url=URL)
    assert authenticate(request, SECRETS, NOW).by == f"{version} signature, secret 2"
    strict = Secrets(SECRETS.live, options=HubspotOptions(allow_v1_v2=False))
    assert authenticate(request, strict, NOW).authenticity is Authenticity.MISSING


def test_the_example_of_hubspots_page_has_the_signature_that_stands_there() -> None:
    headers = (
        ("x-hubspot-signature", "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"),
        ("x-hubspot-signature-version", "v1"),
    )
    body = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
        b'"changeFlag":"NEW","appId":54321}]'
    )
    secrets = Secrets((b"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",), options=HubspotOptions())
    assert authenticate(posted("hubspot", body, *headers), secrets, NOW).is_authentic


def test_only_the_characters_of_hubspots_list_are_decoded() -> None:
    assert decoded("/a%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B") == "/a:/?@!$'()*,;"
    untouched = "/%20%25%26%2B%3D%23%5B%C3%A1"
    assert decoded(untouched) == untouched
    assert decoded("%253A") == "%253A"
