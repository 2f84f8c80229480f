"""Makes the tables beside it from the output of the TA-Lib C library.

    python make.py TABLE.csv > NAME.csv

TABLE has a row a candle: the candle, then the columns named below. Kept are the first 60 rows,
every 25th after that, and the last.
"""

import csv
import sys

COLUMNS = {
    "sma:20": "sma20",
    "ema:20": "ema20",
    "wma:20": "wma20",
    "rsi:14": "rsi14",
    "macd:12:26:9": "macd",
    "macd:12:26:9.signal": "macd_signal",
    "macd:12:26:9.hist": "macd_hist",
    "bbands:20:2": "bb_mid",
    "bbands:20:2.upper": "bb_up",
    "bbands:20:2.lower": "bb_low",
    "atr:14": "atr14",
    "adx:14": "adx14",
    "adx:14.plus_di": "pdi14",
    "adx:14.minus_di": "mdi14",
    "stoch:14:3:3": "stoch_k",
    "stoch:14:3:3.d": "stoch_d",
    "cci:20": "cci20",
    "willr:14": "willr14",
    "obv": "obv",
    "mfi:14": "mfi14",
    "roc:10": "roc10",
    "stddev:20": "stddev20",
    "trange": "tr",
    "sar": "psar",
}

with open(sys.argv[1], newline="") as table:
    rows = list(csv.DictReader(table))
print("index", *COLUMNS, sep=",")
for index, row in enumerate(rows):
    if index < 60 or index % 25 == 0 or index == len(rows) - 1:
        print(index, *(row[name] for name in COLUMNS.values()), sep=",")
