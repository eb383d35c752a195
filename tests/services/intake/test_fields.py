"""What a mapping says of a CRM's fields comes on top of what the vendor's defaults say."""

from typing import Any

import pytest

from services.intake.fields import FieldsForm
from services.intake.vendors.hubspot import HubspotMapping
from services.intake.vendors.mautic import MauticMapping
from services.intake.vendors.salesforce import SalesforceMapping

HUBSPOT = HubspotMapping().properties


def hubspot(**own: Any) -> FieldsForm:
    """Return the properties of a HubSpot source that says this of them."""
    return HubspotMapping.model_validate({"properties": own}).properties


def test_ignoring_a_property_keeps_all_the_others() -> None:
    form = hubspot(ignore=["favourite_colour"])
    assert form.ignore == (*HUBSPOT.ignore, "favourite_colour")
    assert form.model_copy(update={"ignore": HUBSPOT.ignore}) == HUBSPOT


def test_a_property_that_is_named_is_no_longer_what_it_was() -> None:
    form = hubspot(attributes={"company": "employer", "tier": "tier"}, ignore=["phone", "hs_email_optout"])
    assert set(form.attributes) == {*HUBSPOT.attributes, "company", "tier"}
    assert set(form.subject) == {"email", "mobilephone"}
    assert form.opted_out == {}


def test_a_stage_of_ones_own_is_added_to_the_stages() -> None:
    claims = hubspot(claims={"lifecyclestage": {"998877": "mql", "lead": None}}).claims["lifecyclestage"]
    assert claims == HUBSPOT.claims["lifecyclestage"] | {"998877": "mql", "lead": None}


@pytest.mark.parametrize(
    ("own", "owner"),
    [
        ({}, "hubspot_owner_id"),
        ({"owner": "rep"}, "rep"),
        ({"owner": None}, None),
        ({"ignore": ["hubspot_owner_id"]}, None),
    ],
)
def test_the_owner_is_the_default_one_unless_another_is_said(own: dict[str, Any], owner: str | None) -> None:
    form = hubspot(**own)
    assert (form.owner, form.knows("hubspot_owner_id")) == (owner, True)


def test_it_is_so_of_mautic_and_of_the_objects_of_salesforce_that_are_named() -> None:
    contact = MauticMapping.model_validate({"contact": {"attributes": {"tier": "tier"}}}).contact
    assert set(contact.attributes) == {*MauticMapping().contact.attributes, "tier"}
    own = {"Lead": {"attributes": {"Tier__c": "tier"}}, "Person__c": {"subject": {"Mail__c": "email"}}}
    entities = SalesforceMapping.model_validate({"entities": own}).entities
    assert set(entities) == {"Lead", "Person__c"}
    assert entities["Lead"].claims == SalesforceMapping().entities["Lead"].claims
    assert entities["Person__c"].subject == {"Mail__c": "email"}
    assert entities["Person__c"].owner is None
