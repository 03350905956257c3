"""The tour: an order of each provider through its life, against the emulator: `python -m ordermux.demo`.

On each life's way an answer is lost, a call is refused with a 429 and a webhook comes again. Everything that is printed
comes of what was really called, answered, delivered and counted; what is not as the tour says ends it.
"""

try:
    from ._run import main
    from ._stage import Failed
except ModuleNotFoundError as missing:
    raise ImportError(f"{missing}; run: pip install 'ordermux[demo]'", name=missing.name) from None

__all__ = ["Failed", "main"]
