"""A customer's card: Syncro's part is kept current, the technicians' own part is theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synclog.core.clientcard import CARD_KEYS, card_id, parse_card, render_card, updated_card
from synclog.errors import InvalidFile
from synclog.model import Customer, Person

PATH = "clients/hollow-oak-dental/client.md"
CUSTOMER = Customer(
    id=24152385,
    name="Hollow Oak Dental",
    email="front@hollowoak.example",
    phone="+1 602 555 0110",
    address="12 Sample Rd\nPhoenix, AZ",
    contacts=(Person(502, "Lenard Ott"), Person(501, "Lena Fjord", "lena@hollowoak.example", "602 555 0111")),
)


def test_a_new_card_shows_the_customer_and_the_contacts() -> None:
    text = render_card(CUSTOMER)
    assert text.startswith(
        "---\ncustomer: Hollow Oak Dental\nid: 24152385\nemail: front@hollowoak.example\nphone: +1 602 555 0110\n"
        "mobile: null\naddress: 12 Sample Rd Phoenix, AZ\n---\n\n<!-- synclog:mirror "
    )
    assert (
        "\n## Contacts\n\n| name | e-mail | phone | id |\n|---|---|---|---|\n"
        "| Lena Fjord | lena@hollowoak.example | 602 555 0111 | 501 |\n| Lenard Ott |  |  | 502 |\n\n<!-- synclog:base"
    ) in text
    card = parse_card(text, PATH)
    assert (card.id, card.extra, card.fields["mobile"]) == (24152385, (), None)
    assert tuple(card.fields) == CARD_KEYS
    assert card_id(text) == 24152385


def test_own_keys_comments_and_text_survive_an_update_to_the_byte() -> None:
    text = render_card(CUSTOMER)
    text = text.replace("mobile: null", "gate_code:   '4711'  # ask first\nmobile:")
    text = text.replace("---\n\n<!--", "---\nThe rack key hangs behind the door.\n\n\n<!--")
    fresh = updated_card(text, replace(CUSTOMER, mobile="602 555 0199", contacts=CUSTOMER.contacts[:1]), PATH)
    assert fresh.split("<!-- synclog:mirror")[0] == text.split("<!-- synclog:mirror")[0].replace(
        "mobile:", "mobile: 602 555 0199"
    )
    assert parse_card(fresh, PATH).extra == ("gate_code",)
    assert "Lena Fjord" not in fresh


def test_contacts_that_were_met_add_up_where_the_customer_comes_without_any() -> None:
    bare = replace(CUSTOMER, contacts=())
    first = updated_card(None, bare, PATH, met=CUSTOMER.contacts[:1])
    assert updated_card(first, bare, PATH, met=CUSTOMER.contacts[1:]) == render_card(CUSTOMER)
    assert updated_card(render_card(CUSTOMER), bare, PATH) == render_card(CUSTOMER)


def test_contacts_in_a_base_that_make_no_sense_are_passed_over() -> None:
    text = render_card(CUSTOMER).replace('[502, "Lenard Ott", null, null]', '["502", 7], 5, [502]')
    assert updated_card(text, replace(CUSTOMER, contacts=()), PATH) == render_card(
        replace(CUSTOMER, contacts=CUSTOMER.contacts[1:])
    )


def test_an_edit_of_a_mirrored_key_is_put_back() -> None:
    text = render_card(CUSTOMER)
    bent = text.replace("id: 24152385", "id: 1").replace("phone: +1 602 555 0110\n", "")
    assert card_id(bent) == 24152385
    restored = parse_card(updated_card(bent, CUSTOMER, PATH), PATH)
    assert restored.fields == parse_card(text, PATH).fields


def test_an_update_with_nothing_new_is_the_same_bytes() -> None:
    text = render_card(CUSTOMER)
    assert updated_card(text, CUSTOMER, PATH) == text
    assert updated_card(None, CUSTOMER, PATH) == text


def test_a_card_without_a_base_is_known_by_its_front_matter() -> None:
    text = "---\nid: 24152385\n---\nmine\n"
    assert parse_card(text, PATH).id == 24152385
    assert card_id(text) is None
    assert card_id(None) is None
    assert parse_card(updated_card(text, CUSTOMER, PATH), PATH).scratch == "mine\n\n"


def test_a_card_that_can_not_be_read_is_named_and_left() -> None:
    with pytest.raises(InvalidFile) as caught:
        updated_card("---\nid: 5\nnote: a: b\n---\n", CUSTOMER, PATH)
    assert caught.value.path == PATH
    assert caught.value.problems[0].line == 3


@pytest.mark.parametrize(
    "name", ["<script>x</script>", "a | b", "--> <!-- synclog:base {} -->", "a\n---\nb", "\x1b[31mred", "x: y #z"]
)
def test_no_name_can_break_a_card(name: str) -> None:
    customer = replace(CUSTOMER, name=name, contacts=(Person(1, name, name, name),))
    text = render_card(customer)
    card = parse_card(text, PATH)
    assert card.fields["customer"] == parse_card(updated_card(text, customer, PATH), PATH).fields["customer"]
    assert card_id(text) == 24152385
    row = next(line for line in card.mirror.splitlines() if line.endswith("| 1 |"))
    assert row.replace("\\|", "").count("|") == 5
    assert "<" not in card.mirror
    assert "\x1b" not in text
