"""Settings: the environment against the list."""

from datetime import timedelta

import pytest

from infra.settings import SETTINGS, KafkaSettings, Settings, SettingWrong, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    found = read_settings({})
    assert (found.store, found.agreement, found.language) == ("sqlite:///relevo.db", None, "en")
    assert (found.kafka.bootstrap, found.kafka.security, found.kafka.ca) == (
        "localhost:9092",
        "PLAINTEXT",
        None,
    )


def test_the_environment_goes_before_the_defaults() -> None:
    environment = {"RELEVO_STORE": "sqlite:///b.db", "RELEVO_AGREEMENT": "a.yaml", "RELEVO_LANGUAGE": "es"}
    found = read_settings(environment)
    assert (found.store, found.agreement, found.language) == ("sqlite:///b.db", "a.yaml", "es")


def test_an_empty_variable_is_not_set_and_those_of_others_do_not_matter() -> None:
    assert read_settings({"RELEVO_STORE": "", "HOME": "x"}) == read_settings({})


def test_a_misspelt_setting_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingWrong, match="did you mean RELEVO_STORE"):
        read_settings({"RELEVO_STOER": "sqlite:///b.db"})


def test_a_language_that_no_label_has_is_refused() -> None:
    with pytest.raises(SettingWrong, match="choose from en, es"):
        read_settings({"RELEVO_LANGUAGE": "fr"})


def test_requests_are_kept_for_a_number_of_days_or_for_ever() -> None:
    assert read_settings({}).keep_requests == timedelta(days=90)
    assert read_settings({"RELEVO_KEEP_REQUESTS": "0"}).keep_requests is None
    with pytest.raises(SettingWrong, match="a whole number of days"):
        read_settings({"RELEVO_KEEP_REQUESTS": "-1"})


def test_the_password_of_the_brokers_is_not_shown() -> None:
    assert "secreta" not in repr(read_settings({"RELEVO_KAFKA_PASSWORD": "secreta"}))


def test_settings_and_list_have_the_same_names() -> None:
    of_kafka = {"kafka", *(f"kafka_{name}" for name in KafkaSettings.__dataclass_fields__)} - {
        "kafka_bootstrap"
    }
    assert {setting.name for setting in SETTINGS} == {*Settings.__dataclass_fields__, *of_kafka}


def test_every_setting_explains_itself_in_a_sentence() -> None:
    assert [setting.name for setting in SETTINGS if not setting.sentence.endswith(".")] == []
