"""Units as others write them: UCUM codes and QUDT terms."""

from typing import Any

from bioimageit_flow.provenance.crate.graph import Graph, ref

QUDT = "https://qudt.org/vocab/unit/"

UNITS = {
    "px": ("{pixel}", "PIXEL"),
    "pixel": ("{pixel}", "PIXEL"),
    "nm": ("nm", "NanoM"),
    "um": ("um", "MicroM"),
    "mm": ("mm", "MilliM"),
    "cm": ("cm", "CentiM"),
    "m": ("m", "M"),
    "um2": ("um2", "MicroM2"),
    "um^2": ("um2", "MicroM2"),
    "ns": ("ns", "NanoSEC"),
    "us": ("us", "MicroSEC"),
    "ms": ("ms", "MilliSEC"),
    "s": ("s", "SEC"),
    "min": ("min", "MIN"),
    "h": ("h", "HR"),
    "d": ("d", "DAY"),
    "Hz": ("Hz", "HZ"),
    "nM": ("nmol/L", "NanoMOL-PER-L"),
    "uM": ("umol/L", "MicroMOL-PER-L"),
    "mM": ("mmol/L", "MilliMOL-PER-L"),
    "M": ("mol/L", "MOL-PER-L"),
    "mg/ml": ("mg/mL", "MilliGM-PER-MilliL"),
    "ug/ml": ("ug/mL", "MicroGM-PER-MilliL"),
    "%": ("%", "PERCENT"),
    "°C": ("Cel", "DEG_C"),
    "K": ("K", "K"),
    "°": ("deg", "DEG"),
    "deg": ("deg", "DEG"),
    "rad": ("rad", "RAD"),
    "V": ("V", "V"),
    "mW": ("mW", "MilliW"),
    "B": ("By", "BYTE"),
}
"""What people write -> UCUM code, QUDT name."""


def unit_properties(graph: Graph, unit: str) -> dict[str, Any]:
    """Return what says in which unit a value is: for people, in UCUM and in QUDT."""
    if not unit:
        return {}
    plain = unit.strip().replace("µ", "u").replace("\u03bc", "u").replace("²", "2")
    known = UNITS.get(plain)
    if known is None:
        return {"unitText": unit}
    code, name = known
    term = graph.add(QUDT + name, "DefinedTerm", name=unit, termCode=code)
    return {"unitText": unit, "unitCode": ref(term["@id"])}
