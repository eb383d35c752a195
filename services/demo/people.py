"""Invented people at invented companies.

Everybody is made up from the short lists below, in Spanish or in English after their country. Mail domains
end in ``.test`` or stand under example.com, .net and .org (RFC 2606), so nothing that is sent to them can
reach anybody; telephone numbers lie in ranges that are given to nobody (Ofcom's numbers for drama; Spain has
no numbers that begin with 5).
"""

import random
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache

from schemas.vocabulary import Scalar


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


_NAMES = {  # whether in Spanish: first names, family names
    True: (
        _words("Ana, Lucía, Marta, Elena, Nuria, Inés, Pilar, Rocío, Jorge, Iván, Raúl, Andrés, Óscar, Hugo"),
        _words(
            "Ribera, Salas, Muñoz, Ibáñez, Cano, Vidal, Peña, Lozano, Campos, Prieto, Soler, Ortega, Vega"
        ),
    ),
    False: (
        _words("Alice, Emma, Grace, Holly, Iris, Nora, Ruth, Tessa, Adam, Ben, Colin, Ewan, Liam, Simon"),
        _words("Archer, Barlow, Carver, Dalton, Ellis, Fenwick, Garrick, Hale, Ingram, Kirby, Larkin, Moss"),
    ),
}
_COMPANIES = {
    True: (
        _words(
            "Talleres, Hilados, Bodegas, Aceites, Clínica, Logística, Muebles, Cerámicas, Grupo, Imprenta"
        ),
        _words("del Duero, Levante, La Noguera, Sierra Alta, del Ebro, Montesol, Los Olmos, Tres Ríos"),
    ),
    False: (
        _words("Northfield, Harbour, Willow, Stonebridge, Redhill, Clearwater, Foxley, Millbrook, Highgate"),
        _words("Tools, Textiles, Foods, Logistics, Clinics, Furniture, Ceramics, Software, Press"),
    ),
}
_WHO_DECIDE = {
    True: _words("Directora de Operaciones, Responsable de Marketing, Gerente, CEO, Jefe de Ventas"),
    False: _words("Operations Director, Marketing Manager, Head of Sales, CEO, Sales Manager"),
}
_OTHERS = {
    True: _words("Técnico de Compras, Analista, Becaria, Consultor"),
    False: _words("Buyer, Analyst, Intern, Consultant"),
}
_OUR_INDUSTRIES = _words("manufacturing, retail, logistics, software")
_OTHER_INDUSTRIES = _words("health, food, education, media")
_DOMAINS = _words("test, test, example.com, example.net, example.org")
_SPANISH_SPEAKING = frozenset(_words("ES, MX, AR, CL, CO, PE"))


class Match(Enum):
    """How well somebody matches whom the team would like to sell to."""

    GOOD = "a company of the right size, and a person who has a say"
    FAIR = "a small company at home"
    POOR = "anybody"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may become a customer."""

    number: int
    name: str
    company: str
    email: str
    private_email: str
    """Another address of the same person."""
    phone: str | None
    anonymous_id: str
    job_title: str
    country: str
    employees: int
    industry: str
    fit: Match
    crm_id: str
    """The id that the CRM knows the person by."""

    @property
    def introduction(self) -> dict[str, Scalar | None]:
        """What the person says of themselves in a form."""
        return {"job_title": self.job_title, "country": self.country}

    @property
    def company_data(self) -> dict[str, Scalar | None]:
        """What can be looked up about the company."""
        return {"employees": self.employees, "industry": self.industry}


def invent(rng: random.Random, number: int, *, home: tuple[str, ...], abroad: tuple[str, ...]) -> Person:
    """Make somebody up.

    Args:
        rng: Where chance comes from.
        number: Makes the person's ids and addresses unlike anybody else's.
        home: The countries where the team sells; most people are from there.
        abroad: Countries where it does not.
    """
    fit = rng.choices(tuple(Match), cum_weights=(50, 65, 100))[0]
    country = rng.choice(home if fit is not Match.POOR or rng.random() < 0.4 else abroad)
    spanish = country in _SPANISH_SPEAKING
    first, last = map(rng.choice, _NAMES[spanish])
    firm, kind = map(rng.choice, _COMPANIES[spanish])
    mailbox = f"{_plain(first)}.{_plain(last)}"
    domain = f"{_plain(firm)}-{_plain(kind)}-{number % 997}.{rng.choice(_DOMAINS)}"
    title, employees, industry = _work(rng, fit, spanish=spanish)
    return Person(
        number=number,
        name=f"{first} {last}",
        company=f"{firm} {kind}",
        email=f"{mailbox}.{number}@{domain}",
        private_email=f"{mailbox}.{number}@mail.example.com",
        phone=_phone(rng, country) if rng.random() < 0.4 else None,
        anonymous_id=f"a{rng.getrandbits(48):012x}",
        job_title=title,
        country=country,
        employees=employees,
        industry=industry,
        fit=fit,
        crm_id=f"C-{number:06}",
    )


def _work(rng: random.Random, fit: Match, *, spanish: bool) -> tuple[str, int, str]:
    """Return a job title, the number of people in the company, and its industry."""
    if fit is Match.GOOD:
        industry = rng.choice(_OUR_INDUSTRIES if rng.random() < 0.7 else _OTHER_INDUSTRIES)
        return rng.choice(_WHO_DECIDE[spanish]), round(50 * 18 ** rng.random()), industry
    if fit is Match.FAIR:
        return rng.choice(_OTHERS[spanish]), rng.randrange(10, 50), rng.choice(_OUR_INDUSTRIES)
    return rng.choice(_OTHERS[spanish]), rng.randrange(1, 30), rng.choice(_OTHER_INDUSTRIES)


def _phone(rng: random.Random, country: str) -> str | None:
    match country:
        case "ES":
            return f"+34 5{rng.randrange(10**8):08}"
        case "GB":
            return f"+44 7700 900{rng.randrange(1000):03}"
        case _:
            return None


@cache
def _plain(text: str) -> str:
    """Return a text as it stands in an address: small, without accents, spaces as hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", "-")
