"""How fast the engine's peers are: a line a measurement, `name<tab>number`, as the engine's own.

    python measure.py BTCUSDT_1h.csv

TA-Lib over 100,000 candles, the file's over and over, in nanoseconds a candle; backtesting.py's
cross of SMA(10) and SMA(30) over the file, in nanoseconds a candle too, its figures with it.
The least of many runs counts.
"""

import sys
import time

import numpy as np
import pandas as pd
import talib
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

LONG = 100_000


def least(times, run):
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best


data = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)
data.columns = [name.capitalize() for name in data.columns]
repeats = -(-LONG // len(data))
o, h, l, c, v = (
    np.ascontiguousarray(np.tile(data[name].to_numpy(float), repeats)[:LONG])
    for name in ("Open", "High", "Low", "Close", "Volume")
)
indicators = {
    "sma:20": lambda: talib.SMA(c, 20),
    "ema:20": lambda: talib.EMA(c, 20),
    "wma:20": lambda: talib.WMA(c, 20),
    "rsi": lambda: talib.RSI(c, 14),
    "macd": lambda: talib.MACD(c, 12, 26, 9),
    "bbands:20": lambda: talib.BBANDS(c, 20, 2, 2, 0),
    "atr": lambda: talib.ATR(h, l, c, 14),
    # The engine's has all three lines.
    "adx": lambda: (talib.ADX(h, l, c, 14), talib.PLUS_DI(h, l, c, 14), talib.MINUS_DI(h, l, c, 14)),
    "stoch:14:3:3": lambda: talib.STOCH(h, l, c, 14, 3, 0, 3, 0),
    "cci:20": lambda: talib.CCI(h, l, c, 20),
    "willr": lambda: talib.WILLR(h, l, c, 14),
    "obv": lambda: talib.OBV(c, v),
    "mfi": lambda: talib.MFI(h, l, c, v, 14),
    "roc": lambda: talib.ROC(c, 10),
    "stddev:20": lambda: talib.STDDEV(c, 20, 1),
    "trange": lambda: talib.TRANGE(h, l, c),
    "sar": lambda: talib.SAR(h, l, 0.02, 0.2),
    "vwap": lambda: talib.VWAP(h, l, c, v),
    "donchian:20": lambda: talib.DONCHIAN(h, l, 20),
    "supertrend": lambda: talib.SUPERTREND(h, l, c, 10, 3),
}
for name, run in indicators.items():
    print(f"batch {name}", least(60, run) * 1e9 / LONG, sep="\t")


class SmaCross(Strategy):
    def init(self):
        self.fast = self.I(talib.SMA, self.data.Close, 10)
        self.slow = self.I(talib.SMA, self.data.Close, 30)

    def next(self):
        if crossover(self.fast, self.slow):
            self.buy()
        elif crossover(self.slow, self.fast):
            self.sell()


backtest = Backtest(data, SmaCross, cash=1e15, commission=0.001, exclusive_orders=True, finalize_trades=True)
print("backtest sma-cross", least(3, backtest.run) * 1e9 / len(data), sep="\t")
