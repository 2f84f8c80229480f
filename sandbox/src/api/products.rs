use serde_json::json;

use super::{Answer, find, list, prices};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// The parameters of a new product and of a change.
const BOTH: [&str; 12] = [
    "name",
    "active",
    "description",
    "metadata",
    "images",
    "marketing_features",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
];
const CREATE: [&str; 3] = ["id", "default_price_data", "type"];
const PRICE_DATA: [&str; 6] =
    ["currency", "metadata", "recurring", "tax_behavior", "unit_amount", "unit_amount_decimal"];
const UNSERVED: [&str; 1] = ["tax_details"];

/// `/v1/products…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "product", "product", id)),
        ("POST", [id]) => update(state, id, params),
        ("DELETE", [id]) => delete(state, id),
        _ => return None,
    })
}

/// Makes a product from its parameters, or from those in a price's `product_data`.
pub fn create(state: &mut State, params: &Params) -> Answer {
    params.serves(&[&BOTH[..], &CREATE].concat(), &UNSERVED)?;
    let name = params.required("name")?;
    let id = params.text("id")?.unwrap_or_else(|| ids::new("prod"));
    if state.get("product", &id).is_some() {
        return Err(StripeError::parameter("id", "resource_already_exists", "Product already exists."));
    }
    let now = state.now();
    let mut product = shape::object("product", json!({"id": id, "name": name, "created": now, "updated": now}));
    shape::merge(&mut product, fields(params, &json!({}))?);
    if let Some(kind) = params.choice("type", &["good", "service"])? {
        product["type"] = json!(kind);
    }
    let default = params.group("default_price_data")?;
    default.serves(&PRICE_DATA, &["currency_options", "custom_unit_amount"])?;
    let price = if params.has("default_price_data") { Some(prices::draft(state, &default, &id)?) } else { None };
    if let Some(price) = price {
        product["default_price"] = price["id"].clone();
        state.insert("product", product.clone());
        state.insert("price", price.clone());
        event::emit(state, "product.created", &product);
        event::emit(state, "price.created", &price);
    } else {
        state.insert("product", product.clone());
        event::emit(state, "product.created", &product);
    }
    Ok(product)
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.serves(&[&BOTH[..], &["default_price"]].concat(), &UNSERVED)?;
    let before = find(state, "product", "product", id)?;
    let mut fields = fields(params, &before["metadata"])?;
    if let Some(price) = params.text("default_price")? {
        prices::named(state, &price, "default_price")?;
        fields["default_price"] = json!(price);
    }
    fields["updated"] = json!(state.now());
    let after = state.set("product", id, fields);
    let changed = event::previous(&before, &after);
    event::emit_change(state, "product.updated", &after, Some(changed));
    Ok(after)
}

fn delete(state: &mut State, id: &str) -> Answer {
    let product = find(state, "product", "product", id)?;
    if state.all("price").any(|price| price["product"] == id) {
        return Err(StripeError::invalid(
            "This product cannot be deleted because it has one or more user-created prices.",
        ));
    }
    state.remove("product", id);
    event::emit(state, "product.deleted", &product);
    Ok(json!({"id": id, "object": "product", "deleted": true}))
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["active", "ids", "shippable", "type", "url"])?;
    let (active, shippable) = (params.boolean("active")?, params.boolean("shippable")?);
    let ids = params.texts("ids")?;
    let fits = list::by(params, &[("type", "/type"), ("url", "/url")])?;
    list::page(state, params, "product", "/v1/products", |product| {
        active.is_none_or(|active| product["active"] == active)
            && shippable.is_none_or(|shippable| (product["shippable"] == true) == shippable)
            && (ids.is_empty() || ids.iter().any(|id| product["id"] == id.as_str()))
            && fits(product)
    })
}

fn fields(params: &Params, metadata: &serde_json::Value) -> Answer {
    let mut fields = json!({"metadata": params.metadata(metadata)?});
    for name in ["name", "description", "statement_descriptor", "tax_code", "unit_label", "url"] {
        if params.has(name) {
            fields[name] = json!(params.text(name)?);
        }
    }
    for name in ["active", "shippable"] {
        if let Some(value) = params.boolean(name)? {
            fields[name] = json!(value);
        }
    }
    if params.has("images") {
        fields["images"] = json!(params.texts("images")?);
    }
    if params.has("marketing_features") {
        let features = params.groups("marketing_features")?;
        let names: Result<Vec<_>, _> =
            features.iter().map(|feature| Ok(json!({"name": feature.required("name")?}))).collect();
        fields["marketing_features"] = json!(names?);
    }
    if params.has("package_dimensions") {
        fields["package_dimensions"] = dimensions(&params.group("package_dimensions")?)?;
    }
    Ok(fields)
}

fn dimensions(given: &Params) -> Answer {
    const SIDES: [&str; 4] = ["height", "length", "weight", "width"];
    given.only(&SIDES)?;
    if given.is_empty() {
        return Ok(serde_json::Value::Null);
    }
    let mut dimensions = json!({});
    for side in SIDES {
        let text = given.required(side)?;
        let number: f64 = text
            .parse()
            .map_err(|_| StripeError::invalid(format!("Invalid decimal: {text}")).with("param", given.path(side)))?;
        dimensions[side] = json!(number);
    }
    Ok(dimensions)
}
