"""Makes the tables beside it: the trades of backtesting.py 0.6.6.

    pip install backtesting==0.6.6
    python make.py BTCUSDT_1h.csv

The cross of SMA(10) and SMA(30) of closes, always in the market and reversed at the opposite
cross, with 0.1 % commission, filled at the next open (`next-open.csv`) and at the deciding close
(`close.csv`). Times are the opens of the fills' candles; the trade that is open at the end has no
exit. There is so much cash that whole units do not matter. `figures.csv` has the figures that it
prints for both, percents as fractions and durations in days.
"""

import sys
from pathlib import Path

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover


def sma(values, period):
    return pd.Series(values).rolling(period).mean()


class SmaCross(Strategy):
    def init(self):
        self.fast = self.I(sma, self.data.Close, 10)
        self.slow = self.I(sma, self.data.Close, 30)

    def next(self):
        if crossover(self.fast, self.slow):
            self.buy()
        elif crossover(self.slow, self.fast):
            self.sell()


FIGURES = {
    "Duration": "days",
    "Equity Final [$]": "final_equity",
    "Equity Peak [$]": "peak_equity",
    "Commissions [$]": "fees",
    "Return [%]": "total_return",
    "Return (Ann.) [%]": "annual_return",
    "Volatility (Ann.) [%]": "annual_volatility",
    "CAGR [%]": "cagr",
    "Sharpe Ratio": "sharpe",
    "Sortino Ratio": "sortino",
    "Calmar Ratio": "calmar",
    "Beta": "beta",
    "Max. Drawdown [%]": "max_drawdown",
    "Avg. Drawdown [%]": "average_drawdown",
    "Max. Drawdown Duration": "max_drawdown_days",
    "Avg. Drawdown Duration": "average_drawdown_days",
    "# Trades": "trades",
    "Win Rate [%]": "win_rate",
    "Best Trade [%]": "best_trade",
    "Worst Trade [%]": "worst_trade",
    "Avg. Trade [%]": "average_trade",
    "Max. Trade Duration": "longest_holding_days",
    "Avg. Trade Duration": "average_holding_days",
    "Profit Factor": "profit_factor_of_returns",
    "Expectancy [%]": "expectancy",
    "SQN": "sqn",
    "Kelly Criterion": "kelly",
    "Exposure Time [%]": "exposure",
}


def plain(name, value):
    if isinstance(value, pd.Timedelta):
        return value / pd.Timedelta(days=1)
    value = value / 100 if name.endswith("[%]") else value
    return -value if "Drawdown [%]" in name else value


data = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)
data.columns = [name.capitalize() for name in data.columns]
columns = {}
for name, at_close in {"next-open": False, "close": True}.items():
    backtest = Backtest(
        data, SmaCross, cash=1e15, commission=0.001, exclusive_orders=True, trade_on_close=at_close, finalize_trades=False
    )
    stats = backtest.run()
    columns[name] = [plain(figure, stats[figure]) for figure in FIGURES]
    with open(Path(__file__).parent / f"{name}.csv", "w") as table:
        print("side,entry_time,entry_price,exit_time,exit_price", file=table)
        for trade in stats["_trades"].itertuples():
            side = "BUY" if trade.Size > 0 else "SELL"
            times = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (trade.EntryTime, trade.ExitTime)]
            print(side, times[0], trade.EntryPrice, times[1], trade.ExitPrice, sep=",", file=table)
        for trade in stats["_strategy"].trades:
            side = "BUY" if trade.size > 0 else "SELL"
            print(side, f"{trade.entry_time:%Y-%m-%dT%H:%M:%SZ}", trade.entry_price, "", "", sep=",", file=table)
with open(Path(__file__).parent / "figures.csv", "w") as table:
    print("figure", *columns, sep=",", file=table)
    for row in zip(FIGURES.values(), *columns.values()):
        print(row[0], *map(repr, map(float, row[1:])), sep=",", file=table)
