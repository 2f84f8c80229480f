//! `/backtest`: a form whose query is the link, and the places into which the browser writes what it ran.

use crate::{
    api::backtest::load_workbench,
    components::{chart::chart_attribution, notice::Failure, served::made},
    domain::backtest::{Market, Workbench},
};
use lab::{
    asked::Asked,
    form::{Form, Offer, axes, templates},
    show,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use maud::{Markup, html};

/// The form and what it leads to.
#[component]
pub fn BacktestPage() -> impl IntoView {
    let asked = use_location().search.with_untracked(|query| Asked::parse(query));
    view! {
        <Title text="Backtest" />
        {made(
            load_workbench,
            move |workbench| match workbench {
                Ok(workbench) => {
                    view! { <div class="markup" inner_html=page(&workbench, &asked).into_string()></div> }.into_any()
                }
                Err(problem) => view! { <h1>"Backtest"</h1><Failure problem=problem /> }.into_any(),
            },
        )}
    }
}

fn page(workbench: &Workbench, asked: &Asked) -> Markup {
    let offers: Vec<Offer> = workbench.markets.iter().map(offer).collect();
    let form = Form::of(&offers, asked);
    html! {
        signalbox-backtest class="backtest" data-module=(workbench.module) data-worker=(workbench.worker)
            data-charts=(workbench.charts) {
            (head())
            section class="backtest-headline" aria-label="Result" {
                div class="notice notice-warning" role="alert" data-part="status" hidden {}
                (show::headline())
                p class="visually-hidden" role="status" data-part="spoken" {}
            }
            div class="backtest-body" {
                div class="backtest-form" { (form.markup()) }
                div class="backtest-found" {
                    div data-part="series" {}
                    (charts())
                    (tables())
                    (heat_map(&axes(form.reading.request.strategy.as_ref(), asked)))
                    (honesty())
                }
            }
            (templates())
        }
        script type="module" src=(workbench.script) {}
    }
}

fn offer(market: &Market) -> Offer {
    // A timeframe that the engine does not know has no candles that it could run on.
    let series =
        market.series.iter().filter_map(|(timeframe, address)| Some((timeframe.parse().ok()?, address.clone())));
    Offer {
        symbol: market.symbol.clone(),
        name: market.name.clone(),
        quote: market.quote.clone(),
        series: series.collect(),
    }
}

fn head() -> Markup {
    html! {
        header class="backtest-head" {
            h1 { "Backtest" }
            p class="lead" {
                "Every strategy, on real candles, with costs, run in your own browser by the code that runs here. Move a slider \
                 and see."
            }
            p class="muted small" {
                "A backtest is no record: it says what a rule would have done on history that was known when the rule was \
                 chosen, and in a replay it runs on beyond the market's time. What was published, and what the market then did \
                 with it, is in the " a href="/track-record" { "track record" } "."
            }
            p class="scriptless" {
                "Running a backtest needs scripts, since it is your browser that runs it. The form below still makes the link \
                 to one."
            }
        }
    }
}

fn charts() -> Markup {
    html! {
        section aria-labelledby="charts" {
            h2 id="charts" { "Charts" }
            figure class="chart-box" {
                div class="lab-chart lab-chart-prices" data-part="price-chart" role="application" tabindex="0"
                    aria-label="Candles with the strategy's lines and its trades. Arrow keys move, plus and minus zoom, 0 shows everything; the table below has its numbers." {}
                figcaption class="muted small" {
                    "Candles, what the strategy looks at, and its trades: an arrow where one begins, a circle where it ends."
                }
                details class="behind" {
                    summary { "The newest candles as a table" }
                    div data-part="candles" {}
                }
            }
            figure class="chart-box" {
                div class="lab-chart lab-chart-money" data-part="money-chart" role="application" tabindex="0"
                    aria-label="Equity, the equity of holding, and below them the drawdown in percent. Arrow keys move, plus and minus zoom, 0 shows everything; the table below has its numbers." {}
                figcaption class="muted small" {
                    "Equity of 10,000 at the beginning, what it would have come to by buying and holding, and how far it is below \
                     its peak."
                }
                details class="behind" {
                    summary { "Equity and drawdown as a table" }
                    div data-part="equity" {}
                }
            }
            (chart_attribution())
        }
    }
}

fn tables() -> Markup {
    let part = |id: &str, title: &str, part: &str| {
        html! {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                div data-part=(part) {
                    p class="nothing" { "It appears here once the backtest has been run." }
                }
            }
        }
    };
    html! {
        section aria-labelledby="figures" {
            h2 id="figures" { "Figures" }
            (show::figure_table())
        }
        (part("months", "Months, %", "months"))
        (part("distribution", "How trades ended", "distribution"))
        (part("trades", "Trades", "trades"))
    }
}

fn heat_map(axes: &Markup) -> Markup {
    html! {
        section aria-labelledby="heat" data-part="heat" {
            h2 id="heat" { "Heat map" }
            p class="muted" {
                "What other settings of two parameters come to: green gains, red loses, and of drawdowns and trades a deeper \
                 blue is more. A good cell among bad ones is luck; look for a wide green patch."
            }
            div class="lab-row" data-part="axes" { (axes) }
            p class="lab-actions" {
                button type="button" class="button button-secondary" data-do="sweep" disabled { "Draw the heat map" }
                progress max="1" value="0" hidden aria-label="Progress of the heat map" {}
                span class="muted small" role="status" {}
            }
            div data-part="heat-map" {}
        }
    }
}

fn honesty() -> Markup {
    html! {
        section aria-labelledby="honesty" data-part="honesty" {
            h2 id="honesty" { "Is it to be believed?" }
            p class="muted" {
                "Six checks: whether it looks ahead, whether it depends on where the candles begin, whether chance would have \
                 done as well, what else the same trades could have come to, what parameters chosen on the past earned \
                 afterwards, and whether its neighbours gain too. Every setting that you try on these candles counts."
            }
            p class="lab-actions" {
                button type="button" class="button button-secondary" data-do="examine" disabled { "Examine this backtest" }
                button type="button" class="button button-quiet" data-do="stop" hidden { "Stop" }
                progress max="1" value="0" hidden aria-label="Progress of the examination" {}
                span class="muted small" role="status" {}
            }
            div data-part="report" {}
        }
    }
}
