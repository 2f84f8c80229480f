//! The form that asks for a backtest: its query is the link that reproduces it.

use engine::parameter::{Kind, Parameter};
use engine::strategy::{self, Strategy};
use engine::{Timeframe, reading};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::number;
use crate::request::{self, EXITS, FILLS, Fault, OWN, Reading, SIZINGS};
use crate::show::MEASURES;

/// A symbol that there are candles of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// As in a link.
    pub symbol: String,
    /// As people call it.
    pub name: String,
    /// What its prices are counted in.
    pub quote: String,
    /// Each timeframe that there is, and the address of its candles.
    pub series: Vec<(Timeframe, String)>,
}

/// A form for what was asked.
pub struct Form<'a> {
    /// What there is to choose from; not empty.
    pub offers: &'a [Offer],
    /// What was asked, as it was written.
    pub asked: &'a Asked,
    /// What was asked, read.
    pub reading: Reading,
}

impl<'a> Form<'a> {
    /// Reads what is asked of these offers; where no symbol is asked for, of the first.
    #[must_use]
    pub fn of(offers: &'a [Offer], asked: &'a Asked) -> Self {
        let mut reading = Reading::of(asked);
        let Reading { request, faults } = &mut reading;
        if request.symbol.is_empty() {
            request.symbol = offers.first().map(|offer| offer.symbol.clone()).unwrap_or_default();
        }
        match offers.iter().find(|offer| offer.symbol == request.symbol) {
            Some(offer) => {
                let there = offer.series.iter().any(|(timeframe, _)| *timeframe == request.timeframe);
                if let (false, Some((other, _))) = (there, offer.series.last()) {
                    request.timeframe = *other;
                    let message = format!("Of {} there are candles of {other} only.", offer.symbol);
                    faults.push(Fault { field: "timeframe".to_owned(), message });
                }
            }
            None if request.symbol == OWN => {}
            None => {
                let names: Vec<_> = offers.iter().map(|offer| offer.symbol.as_str()).collect();
                let message = format!("There are candles of {}.", names.join(", "));
                faults.push(Fault { field: "symbol".to_owned(), message });
            }
        }
        Self { offers, asked, reading }
    }

    /// All of its fields. Without scripts it is sent as any form, and comes back as it was filled in.
    #[must_use]
    pub fn markup(&self) -> Markup {
        let faults = &self.reading.faults;
        let strategy = self.reading.request.strategy.as_ref();
        html! {
            form class="lab-form" method="get" action="/backtest" novalidate data-part="form" {
                fieldset {
                    legend { "Market" }
                    (self.symbols())
                    (self.timeframes())
                    div class="field" data-part="own" hidden {
                        label for="f-file" { "Your candles, a CSV" }
                        input id="f-file" type="file" accept=".csv,.txt,text/csv,text/plain" aria-describedby="f-file-hint f-file-fault";
                        p class="hint" id="f-file-hint" {
                            "Columns time, open, high, low, close and volume, in any order; candles of an hour or a day. It is "
                            "read in this browser and sent nowhere."
                        }
                        p class="fault" id="f-file-fault" role="alert" {}
                    }
                }
                fieldset {
                    legend { "Strategy" }
                    (choice("strategy", "Strategy", faults, strategy.name(), strategy::all().iter().map(|rule| {
                        (rule.name().to_owned(), rule.name().to_owned())
                    })))
                    div class="lab-knobs" data-part="parameters" { (parameters(strategy, self.asked, faults)) }
                }
                fieldset {
                    legend { "Trading" }
                    (self.named("fill", "Filled", &FILLS))
                    (self.named("exits", "A position ends by", &EXITS))
                    (self.named("sizing", "A position is", &SIZINGS))
                    @for cost in request::costs() { (knob(&asked_for(cost, self.asked), self.asked, faults)) }
                }
                button type="submit" class="button lab-submit" { "Make the link" }
                p class="hint" role="status" data-part="linked" {}
            }
        }
    }

    fn symbols(&self) -> Markup {
        let chosen = self.reading.request.symbol.as_str();
        html! {
            div class="field" {
                label for="f-symbol" { "Symbol" }
                select id="f-symbol" name="symbol" aria-describedby="f-symbol-fault"
                    aria-invalid=[fault(&self.reading.faults, "symbol").map(|_| "true")] {
                    @for offer in self.offers {
                        option value=(offer.symbol) selected[offer.symbol == chosen] data-quote=(offer.quote)
                            data-series=(addresses(offer)) { (offer.name) " (" (offer.symbol) ")" }
                    }
                    option value=(OWN) selected[chosen == OWN] { "A file of your own" }
                }
                (told("symbol", &self.reading.faults))
            }
        }
    }

    fn timeframes(&self) -> Markup {
        let named = |timeframe: Timeframe| (timeframe.as_str().to_owned(), format!("1 {}", timeframe.unit()));
        let all = Timeframe::ALL.into_iter().map(named);
        choice("timeframe", "Candles of", &self.reading.faults, self.reading.request.timeframe.as_str(), all)
    }

    fn named<T>(&self, field: &'static str, label: &str, options: &[(&str, &str, T)]) -> Markup {
        let first = options.first().map_or("", |(name, ..)| name);
        let chosen = self.asked.get(field).unwrap_or(first);
        let options = options.iter().map(|(name, title, _)| ((*name).to_owned(), (*title).to_owned()));
        choice(field, label, &self.reading.faults, chosen, options)
    }
}

/// `1h /pkg/…csv 1d /pkg/…csv`: timeframes with the addresses of their candles.
fn addresses(offer: &Offer) -> String {
    let each: Vec<_> = offer.series.iter().map(|(timeframe, address)| format!("{timeframe} {address}")).collect();
    each.join(" ")
}

/// The fields of every strategy at its defaults, for when another one is chosen: inert until a script takes them out.
#[must_use]
pub fn templates() -> Markup {
    let nothing = Asked::default();
    html! {
        @for strategy in strategy::all() {
            template data-fields=(strategy.name()) {
                div { (parameters(strategy.as_ref(), &nothing, &[])) }
                div { (axes(strategy.as_ref(), &nothing)) }
            }
        }
    }
}

/// What a strategy bets on, and a slider with a number beside it for each of its parameters.
#[must_use]
pub fn parameters(strategy: &dyn Strategy, asked: &Asked, faults: &[Fault]) -> Markup {
    html! {
        p class="hint" { (strategy.about()) }
        @for parameter in strategy.parameters() { (knob(&parameter, asked, faults)) }
    }
}

/// Which two parameters the heat map is of, and what it shows.
#[must_use]
pub fn axes(strategy: &dyn Strategy, asked: &Asked) -> Markup {
    let parameters = strategy.parameters();
    let axis = |field: &'static str, label: &str, otherwise: usize| {
        let first = parameters.get(otherwise).map_or("", |parameter| parameter.name);
        let chosen =
            asked.get(field).filter(|name| parameters.iter().any(|there| there.name == *name)).unwrap_or(first);
        let options = parameters.iter().map(|there| (there.name.to_owned(), there.description.to_owned()));
        choice(field, label, &[], chosen, options)
    };
    let measures = MEASURES.iter().map(|(name, title, _)| ((*name).to_owned(), (*title).to_owned()));
    html! {
        (axis("across", "From left to right", 0))
        (axis("down", "From top to bottom", 1))
        (choice("measure", "Shown", &[], "return", measures))
    }
}

/// A parameter set to what was asked for, where that is a number.
fn asked_for(parameter: Parameter, asked: &Asked) -> Parameter {
    let value = asked.get(parameter.name).and_then(reading::number).unwrap_or(parameter.value);
    Parameter { value, ..parameter }
}

/// A slider, and a number beside it that takes values between its steps too. The number is what is sent.
fn knob(parameter: &Parameter, asked: &Asked, faults: &[Fault]) -> Markup {
    let Parameter { name, description, kind, min, max, step, .. } = *parameter;
    let written = asked.written(name).map_or_else(|| number::typed(parameter.value), str::to_owned);
    let at_fault = fault(faults, name);
    let mode = if kind == Kind::Integer { "numeric" } else { "decimal" };
    let within = parameter.value.clamp(min, max);
    html! {
        div class="field knob" {
            label id={ "f-" (name) "-label" } for={ "f-" (name) } { (description) }
            div class="knob-row" {
                input class="knob-slider" type="range" min=(min) max=(max) step=(step) value=(within) data-for=(name)
                    aria-labelledby={ "f-" (name) "-label" };
                input id={ "f-" (name) } name=(name) type="number" inputmode=(mode) min=(min) max=(max) step="any"
                    value=(written) autocomplete="off" aria-describedby={ "f-" (name) "-fault" }
                    aria-invalid=[at_fault.map(|_| "true")];
            }
            (told(name, faults))
        }
    }
}

fn choice(
    field: &str,
    label: &str,
    faults: &[Fault],
    chosen: &str,
    options: impl Iterator<Item = (String, String)>,
) -> Markup {
    html! {
        div class="field" {
            label for={ "f-" (field) } { (label) }
            select id={ "f-" (field) } name=(field) aria-describedby={ "f-" (field) "-fault" }
                aria-invalid=[fault(faults, field).map(|_| "true")] {
                @for (name, title) in options {
                    option value=(name) selected[name == chosen] { (title) }
                }
            }
            (told(field, faults))
        }
    }
}

fn fault<'a>(faults: &'a [Fault], field: &str) -> Option<&'a str> {
    faults.iter().find(|fault| fault.field == field).map(|fault| fault.message.as_str())
}

fn told(field: &str, faults: &[Fault]) -> Markup {
    html! {
        p class="fault" id={ "f-" (field) "-fault" } { (fault(faults, field).unwrap_or_default()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers() -> Vec<Offer> {
        let offer = |symbol: &str, series: &[Timeframe]| Offer {
            symbol: symbol.to_owned(),
            name: "A market".to_owned(),
            quote: "INR".to_owned(),
            series: series.iter().map(|timeframe| (*timeframe, format!("/pkg/{timeframe}.csv"))).collect(),
        };
        vec![offer("NIFTY", &[Timeframe::Day]), offer("BTC/USDT", &[Timeframe::Hour, Timeframe::Day])]
    }

    #[test]
    fn the_form_shows_what_was_asked_for_and_what_is_wrong_with_it() {
        let (offers, asked) =
            (offers(), Asked::parse("symbol=BTC/USDT&timeframe=1h&strategy=sma-cross&fast=0&slow=44"));
        let form = Form::of(&offers, &asked);
        let text = form.markup().into_string();
        assert!(text.contains(r#"value="BTC/USDT" selected"#) && text.contains(r#"value="1h" selected"#));
        assert!(text.contains(r#"id="f-fast-fault">Set 1 to 200, not 0.<"#));
        assert!(
            text.contains(r#"name="slow" type="number" inputmode="numeric" min="2" max="400" step="any" value="44""#)
        );
        for parameter in form.reading.request.strategy.parameters() {
            assert_eq!(text.matches(&format!("data-for=\"{}\"", parameter.name)).count(), 1);
        }
    }

    #[test]
    fn every_strategy_has_its_fields_waiting() {
        let text = templates().into_string();
        for strategy in strategy::all() {
            let (_, rest) = text.split_once(&format!("data-fields=\"{}\"", strategy.name())).unwrap();
            let own = rest.split("</template>").next().unwrap();
            for parameter in strategy.parameters() {
                assert!(own.contains(&format!("data-for=\"{}\"", parameter.name)), "{}", parameter.name);
            }
        }
    }

    #[test]
    fn what_there_are_no_candles_of_is_told() {
        let offers = offers();
        let fault = |query: &str| {
            let asked = Asked::parse(query);
            let form = Form::of(&offers, &asked);
            form.reading.faults.first().map(|fault| (fault.field.clone(), fault.message.clone()))
        };
        assert_eq!(fault(""), None);
        assert_eq!(fault("symbol=own"), None);
        let told = |field: &str, message: &str| Some((field.to_owned(), message.to_owned()));
        assert_eq!(fault("symbol=NIFTY&timeframe=1h"), told("timeframe", "Of NIFTY there are candles of 1d only."));
        assert_eq!(fault("symbol=GOLD"), told("symbol", "There are candles of NIFTY, BTC/USDT."));
    }

    #[test]
    fn what_was_typed_is_escaped() {
        let (offers, asked) = (offers(), Asked::parse("period=%22%3E%3Cscript%3E&symbol=%3Cb%3E"));
        let text = Form::of(&offers, &asked).markup().into_string();
        assert!(!text.contains("<script") && !text.contains("<b>"));
        assert!(text.contains("&quot;&gt;&lt;script&gt;"));
    }
}
