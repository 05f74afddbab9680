"""Lock facts: what a statement locks, rewrites and reads, told before it runs and proved by measuring it."""

from lockgate.analysis.locks.forecast import NOTHING, Forecast
from lockgate.analysis.locks.registry import forecast

__all__ = ["NOTHING", "Forecast", "forecast"]
