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


def test_it_is_so_of_mautic_and_of_the_objects_of_salesforce() -> None:
    contact = MauticMapping.model_validate({"contact": {"attributes": {"tier": "tier"}}}).contact
    assert set(contact.attributes) == {*MauticMapping().contact.attributes, "tier"}
    own = {"Lead": {"attributes": {"Tier__c": "tier"}}, "Person__c": {"subject": {"Mail__c": "email"}}}
    defaults = SalesforceMapping().entities
    entities = SalesforceMapping.model_validate({"entities": own}).entities
    assert entities.keys() == {"Lead", "Contact", "Person__c"}
    lead, default, person = entities["Lead"], defaults["Lead"], entities["Person__c"]
    assert lead is not None
    assert default is not None
    assert person is not None
    assert lead.claims == default.claims
    assert (person.subject, person.owner) == ({"Mail__c": "email"}, None)
    assert entities["Contact"] == defaults["Contact"]


def test_an_object_of_salesforce_that_is_null_is_of_no_interest_also_as_it_is_kept() -> None:
    mapping = SalesforceMapping.model_validate({"entities": {"Contact": None}})
    assert mapping.entities == SalesforceMapping().entities | {"Contact": None}
    assert SalesforceMapping.model_validate(mapping.model_dump(by_alias=True)) == mapping
