use serde_json::{Value, json};

/// The version that payloads of the former shape name.
pub const API_VERSION: &str = "2024-06-20";

/// The first version with the present shapes.
const PRESENT: &str = "2025-03-31";

/// Whether a `Stripe-Version` is from before the present shapes.
pub fn is_old(version: &str) -> bool {
    version.len() >= 10 && &version[..10] < PRESENT && version.as_bytes()[0].is_ascii_digit()
}

/// Gives an object, and those in it, the shape from before API version 2025-03-31: the period stands
/// on the subscription, and an invoice names its subscription, charge and payment intent. Wants their private parts still there.
pub fn downgrade(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(downgrade),
        Value::Object(_) => {
            if value["object"] == "subscription" {
                let first = value["items"]["data"][0].clone();
                value["current_period_start"] = first["current_period_start"].clone();
                value["current_period_end"] = first["current_period_end"].clone();
            }
            if let Some(fields) = value.as_object_mut() {
                fields.values_mut().for_each(downgrade);
            }
            match value["object"].as_str() {
                Some("subscription") => subscription(value),
                Some("subscription_item") => drop_fields(value, &["current_period_start", "current_period_end"]),
                Some("invoice") => invoice(value),
                Some("line_item") => line(value),
                Some("checkout.session") if value["ui_mode"] == "hosted_page" => value["ui_mode"] = json!("hosted"),
                _ => {}
            }
        }
        _ => {}
    }
}

fn subscription(value: &mut Value) {
    let first = value["items"]["data"][0].clone();
    value["plan"] = first["plan"].clone();
    value["quantity"] = first["quantity"].clone();
    drop_fields(value, &["billing_mode", "billing_schedules", "managed_payments", "customer_account"]);
}

fn invoice(value: &mut Value) {
    let subscription = value["parent"]["subscription_details"]["subscription"].clone();
    let details = value["parent"]["subscription_details"].take();
    value["subscription"] = subscription;
    value["subscription_details"] = json!({"metadata": details["metadata"]});
    value["payment_intent"] = value["_private"]["payment_intent"].clone();
    value["charge"] = value["_private"]["charge"].clone();
    value["paid"] = json!(value["status"] == "paid");
    value["tax"] = Value::Null;
    value["discount"] = Value::Null;
    value["total_tax_amounts"] = json!([]);
    drop_fields(value, &["parent", "confirmation_secret", "amount_overpaid", "total_taxes", "customer_account"]);
}

fn line(value: &mut Value) {
    let details = value["parent"]["subscription_item_details"].take();
    let former = value["parent"]["invoice_item_details"].take();
    let details = if details.is_null() { former } else { details };
    value["type"] =
        json!(if value["parent"]["type"] == "invoice_item_details" { "invoiceitem" } else { "subscription" });
    value["subscription"] = details["subscription"].clone();
    value["subscription_item"] = details["subscription_item"].clone();
    value["proration"] = details["proration"].clone();
    drop_fields(value, &["parent", "pricing", "taxes"]);
}

fn drop_fields(value: &mut Value, names: &[&str]) {
    if let Some(fields) = value.as_object_mut() {
        names.iter().for_each(|name| {
            fields.remove(*name);
        });
    }
}
