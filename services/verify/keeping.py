"""What the sequencer keeps, held against what placing every fact again came to.

Merges, imports, agreements, the identifiers that name leads, and the file of each lead. About leads that an
erasure touched nothing can be said.
"""

from infra.decision import Merge
from infra.journal.desk import FILE
from infra.store.auditing import Audit
from services.verify.placing import Placing
from services.verify.report import Report


def compare_kept(report: Report, audit: Audit, placing: Placing) -> None:
    """Compare what the sequencer keeps with what all facts together come to."""
    _compare_merges(report, audit.merges(), placing)
    _compare_controls(report, audit, placing)
    _compare_identities(report, audit, placing)
    _compare_files(report, audit, placing)


def _compare_merges(report: Report, on_record: list[Merge], placing: Placing) -> None:
    found = {(one.absorbed, one.from_seq): one for one in on_record}
    for key in sorted(found.keys() | placing.merges.keys()):
        expected = placing.merges.get(key)
        absorbed, seq = key
        report.expect(f"merge of {absorbed} at fact {seq}", absorbed, expected, found.get(key))


def _compare_controls(report: Report, audit: Audit, placing: Placing) -> None:
    imports = audit.imports()
    for import_id in sorted(imports.keys() | placing.imports.keys()):
        expected = placing.imports.get(import_id)
        report.expect(f"first and last fact of import {import_id}", None, expected, imports.get(import_id))
    signed = {one.seq: one for one in audit.signed}
    known = {one.seq: one for one in placing.signed}
    for seq in sorted(signed.keys() | known.keys()):
        report.expect(f"agreement signed as fact {seq}", None, known.get(seq), signed.get(seq))


def _compare_identities(report: Report, audit: Audit, placing: Placing) -> None:
    expected = {placing.keyring.identifier(one): lead_id for one, lead_id in placing.desk.bound.items()}
    for key, lead_id, erased in audit.identities():
        known = expected.pop(key, None)
        if lead_id in placing.hazy or known in placing.hazy:
            continue
        report.expect(f"lead that identifier {key.hex()} names", known or lead_id, known, lead_id)
        report.expect(f"erasure of identifier {key.hex()}", lead_id, False, erased)
    for key, lead_id in expected.items():
        if lead_id not in placing.hazy:
            report.expect(f"lead that identifier {key.hex()} names", lead_id, lead_id, None)


def _compare_files(report: Report, audit: Audit, placing: Placing) -> None:
    expected = {one: file for one, file in placing.desk.files.items() if one not in placing.hazy}
    for lead_id, text in audit.files():
        if lead_id in placing.hazy:
            continue
        known = expected.pop(lead_id, None)
        found = None if text is None else FILE.validate_json(text)
        report.expect_fields("state of sequencer", lead_id, known, found)
    for lead_id, file in expected.items():
        report.expect("state of sequencer", lead_id, file, None)
