"""How many digits a currency's minor unit has, of every code that ISO 4217 has had since 1999.

The table is ours, since an amount in minor units must not change, or be lost, by an update of a dependency: the iso4217
package drops what is retired, as ISO's list one does. The package knows the codes that are newer than this table.
"""

from __future__ import annotations

_CURRENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK "
        "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD "
        "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
        "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217's list one of 2026-01-01; those for which it says N.A., such as gold, have no minor unit."""
_RETIRED = {
    0: "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL",
    2: (
        "AFA ANG ATS AYM AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC HRK IEP LTL LVL MRO MTL MZM NLG RUR SDD "
        "SIT SKK SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR"
    ),
}
"""What ISO 4217's list three of 2026-01-01 says was withdrawn in 1999 or later; that list has no minor units.

ANG, BGN, BYR, CUC, HRK, LTL, MRO, SLL, STD, VEF and ZWL are as list one last had them (2014-03-28 to 2025-05-12), the
others as OpenJDK 17 has them (java.util.Currency, which keeps ISO's own after a withdrawal). CLDR's digits are those
that people write, and differ. AON, AOR, CHC, ECS, ECV, GHP, TJR, XRE and ZRN are left out: no source has ISO's unit.
"""
_CODE_SIZE = 3
_WITHOUT = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"
"""The codes of list one for which it says N.A."""
_DIGITS: dict[str, int | None] = {
    **{code: digits for table in (_CURRENT, _RETIRED) for digits, codes in table.items() for code in codes.split()},
    **dict.fromkeys(_WITHOUT.split()),
}


def digits(code: str) -> int | None:
    """Return how many digits the minor unit of a code has; None if it is no code, or has no minor unit."""
    if code in _DIGITS:
        return _DIGITS[code]
    if len(code) != _CODE_SIZE:
        return None  # not a code of ISO's, such as USDC: there is nothing to look for
    from iso4217 import Currency  # which reads its list from XML

    try:
        found: int | None = Currency(code).exponent
    except ValueError:
        return None
    return found
