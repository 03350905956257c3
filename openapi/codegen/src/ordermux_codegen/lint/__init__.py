"""The modelling rules that a document keeps beyond being valid OpenAPI."""

from .rules import lint as lint
