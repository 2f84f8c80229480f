"""Makes BTCUSDT_1h.csv beside it, of other parameters and of what the other tables lack.

    pip install ta-lib==0.8.2
    python make_1h.py ../../data/BTCUSDT_1h.csv > BTCUSDT_1h.csv

Kept are the first 60 rows, every 125th after that, and the last.
"""

import csv
import sys

import numpy
import talib

with open(sys.argv[1], newline="") as series:
    rows = list(csv.DictReader(series))
h, l, c, v = (numpy.array([float(row[name]) for row in rows]) for name in ("high", "low", "close", "volume"))


def lines(name, outputs, values):
    """The lines of one indicator, the main one first, as the engine names them."""
    return {name + (f".{output}" if output else ""): line for output, line in zip(outputs, values)}


def bands(name, values):
    upper, middle, lower = values
    return lines(name, ["", "upper", "lower"], [middle, upper, lower])


supertrend, direction = talib.SUPERTREND(h, l, c, 14, 2)
# Of whole numbers, and 0 where there is none yet.
direction = numpy.where(numpy.isnan(supertrend), numpy.nan, direction)
COLUMNS = {
    "sma:50": talib.SMA(c, 50),
    "ema:50": talib.EMA(c, 50),
    "wma:9": talib.WMA(c, 9),
    "rsi:21": talib.RSI(c, 21),
    **lines("macd:8:34:5", ["", "signal", "hist"], talib.MACD(c, 8, 34, 5)),
    **bands("bbands:50:1.5:2.5", talib.BBANDS(c, 50, 1.5, 2.5, 0)),
    "atr:21": talib.ATR(h, l, c, 21),
    "adx:21": talib.ADX(h, l, c, 21),
    "adx:21.plus_di": talib.PLUS_DI(h, l, c, 21),
    "adx:21.minus_di": talib.MINUS_DI(h, l, c, 21),
    **lines("stoch:9:4:5", ["", "d"], talib.STOCH(h, l, c, 9, 4, 0, 5, 0)),
    "cci:40": talib.CCI(h, l, c, 40),
    "willr:28": talib.WILLR(h, l, c, 28),
    "obv": talib.OBV(c, v),
    "mfi:28": talib.MFI(h, l, c, v, 28),
    "roc:24": talib.ROC(c, 24),
    "stddev:30:2": talib.STDDEV(c, 30, 2),
    "trange": talib.TRANGE(h, l, c),
    "sar:0.01:0.1": talib.SAR(h, l, 0.01, 0.1),
    "vwap": talib.VWAP(h, l, c, v),
    **bands("donchian:55", talib.DONCHIAN(h, l, 55)),
    **bands("keltner:30:15:1.5", talib.KC(h, l, c, 30, 15, 1.5)),
    **lines("supertrend:14:2", ["", "direction"], [supertrend, direction]),
}

print("index", *COLUMNS, sep=",")
for index in range(len(rows)):
    if index < 60 or index % 125 == 0 or index == len(rows) - 1:
        values = (column[index] for column in COLUMNS.values())
        print(index, *("" if numpy.isnan(value) else f"{value:.12g}" for value in values), sep=",")
