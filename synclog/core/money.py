"""Money as people write it."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    """Return an amount with two decimals, with more only where it has them: a rate may be finer than a cent."""
    plain = amount.normalize()
    finer = isinstance(exponent := plain.as_tuple().exponent, int) and exponent < -2
    return f"{plain:f}" if finer else f"{plain.quantize(_CENT):f}"
