"""The demo: a scenario for each provider, against the emulator: `python -m ordermux.demo`.

Each scenario loses a response, rejects a call with a 429 and delivers a webhook twice. Everything that is printed was
really called, received, delivered and counted; the demo fails if something differs from its texts.
"""

try:
    from ._reporter import Failed
    from ._run import main
except ModuleNotFoundError as missing:
    raise ImportError(f"{missing}; run: pip install 'ordermux[demo]'", name=missing.name) from None

__all__ = ["Failed", "main"]
