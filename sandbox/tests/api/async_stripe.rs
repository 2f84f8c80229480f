use std::collections::HashMap;

use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_billing::invoice::{
    CreatePreviewInvoice, CreatePreviewInvoiceSubscriptionDetails, CreatePreviewInvoiceSubscriptionDetailsItems,
    ListInvoice, RetrieveInvoice,
};
use stripe_billing::subscription::{
    CancelSubscription, ListSubscription, RetrieveSubscription, UpdateSubscription, UpdateSubscriptionItems,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionSubscriptionData,
    ExpireCheckoutSession, ListCheckoutSession, ListLineItemsCheckoutSession, RetrieveCheckoutSession,
};
use stripe_core::customer::{
    CreateCustomer, DeleteCustomer, ListCustomer, RetrieveCustomer, RetrieveCustomerReturned, UpdateCustomer,
};
use stripe_product::price::{
    CreatePrice, CreatePriceProductData, CreatePriceRecurring, CreatePriceRecurringInterval, ListPrice, RetrievePrice,
};
use stripe_product::product::{CreateProduct, ListProduct, RetrieveProduct};
use stripe_shared::{CheckoutSessionMode, CheckoutSessionStatus, SubscriptionStatus};
use stripe_types::Currency;
use stripe_webhook::{EventObject, Webhook};

use crate::stand::{KEY, SECRET, SHARED, Stand, card};

fn client(key: &str, url: &str) -> Client {
    ClientBuilder::new(key).url(url).build().unwrap()
}

async fn monthly(client: &Client, amount: i64) -> stripe_shared::Price {
    CreatePrice::new(Currency::INR)
        .unit_amount(amount)
        .recurring(CreatePriceRecurring::new(CreatePriceRecurringInterval::Month))
        .product_data(CreatePriceProductData::new("Pro"))
        .send(client)
        .await
        .unwrap()
}

fn checkout(customer: &str, price: &str) -> CreateCheckoutSession {
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price = Some(price.to_owned());
    line.quantity = Some(1);
    let mut data = CreateCheckoutSessionSubscriptionData::new();
    data.metadata = Some(HashMap::from([("user_id".to_owned(), "7".to_owned())]));
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .customer(customer)
        .client_reference_id("7")
        .success_url("http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}")
        .cancel_url("http://127.0.0.1:9/back")
        .line_items(vec![line])
        .subscription_data(data)
        .metadata(HashMap::from([("user_id".to_owned(), "7".to_owned())]))
}

#[tokio::test]
async fn customers_products_and_prices() {
    let client = client(KEY, &SHARED.url);
    let metadata = HashMap::from([("user_id".to_owned(), "7".to_owned())]);
    let made = CreateCustomer::new()
        .email("ada@example.com")
        .name("Ada")
        .metadata(metadata.clone())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(made.metadata, Some(metadata));
    UpdateCustomer::new(&made.id).name("Ada L").send(&client).await.unwrap();
    match RetrieveCustomer::new(&made.id).send(&client).await.unwrap() {
        RetrieveCustomerReturned::Customer(found) => {
            assert_eq!(found.name.as_deref(), Some("Ada L"))
        }
        RetrieveCustomerReturned::DeletedCustomer(_) => panic!("the customer is deleted"),
    }
    assert!(!ListCustomer::new().email("ada@example.com").send(&client).await.unwrap().data.is_empty());
    DeleteCustomer::new(&made.id).send(&client).await.unwrap();
    let gone = RetrieveCustomer::new(&made.id).send(&client).await.unwrap();
    assert!(matches!(gone, RetrieveCustomerReturned::DeletedCustomer(_)));
    let product = CreateProduct::new("Signals").send(&client).await.unwrap();
    assert_eq!(RetrieveProduct::new(&product.id).send(&client).await.unwrap().name, "Signals");
    ListProduct::new().send(&client).await.unwrap();
    let price =
        CreatePrice::new(Currency::INR).unit_amount(49_900).product(product.id.as_str()).send(&client).await.unwrap();
    assert_eq!(RetrievePrice::new(&price.id).send(&client).await.unwrap().unit_amount, Some(49_900));
    ListPrice::new().product(product.id.as_str()).send(&client).await.unwrap();
}

#[tokio::test]
async fn from_checkout_to_cancellation() {
    let client = client(KEY, &SHARED.url);
    let customer = CreateCustomer::new().email("bob@example.com").send(&client).await.unwrap();
    let price = monthly(&client, 49_900).await;
    let session = checkout(customer.id.as_str(), price.id.as_str()).send(&client).await.unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Open));
    let (status, _, _) = SHARED.submit(session.url.as_deref().unwrap(), &card("4242424242424242")).await;
    assert_eq!(status, 303);
    let session = RetrieveCheckoutSession::new(&session.id)
        .expand(["subscription".to_owned(), "customer".to_owned()])
        .send(&client)
        .await
        .unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Complete));
    let subscription = session.subscription.unwrap();
    let id = subscription.id().clone();
    assert_eq!(subscription.as_object().unwrap().metadata["user_id"], "7");
    ListCheckoutSession::new().customer(customer.id.as_str()).send(&client).await.unwrap();
    ListLineItemsCheckoutSession::new(&session.id).send(&client).await.unwrap();
    let found = RetrieveSubscription::new(&id).expand(["latest_invoice".to_owned()]).send(&client).await.unwrap();
    assert_eq!(found.status, SubscriptionStatus::Active);
    let invoice = found.latest_invoice.unwrap().into_object().unwrap();
    assert_eq!(RetrieveInvoice::new(invoice.id.unwrap()).send(&client).await.unwrap().amount_paid, 49_900);
    assert_eq!(ListInvoice::new().customer(customer.id.as_str()).send(&client).await.unwrap().data.len(), 1);
    assert_eq!(ListSubscription::new().customer(customer.id.as_str()).send(&client).await.unwrap().data.len(), 1);
    change_plan(&client, &id, found.items.data[0].id.as_str()).await;
    let portal = CreateBillingPortalSession::new()
        .customer(customer.id.as_str())
        .return_url("http://127.0.0.1:9/account")
        .send(&client)
        .await
        .unwrap();
    assert!(portal.url.starts_with(&SHARED.url));
    let marked = UpdateSubscription::new(&id).cancel_at_period_end(true).send(&client).await.unwrap();
    assert!(marked.cancel_at_period_end && marked.cancel_at.is_some());
    UpdateSubscription::new(&id).cancel_at_period_end(false).send(&client).await.unwrap();
    let gone = CancelSubscription::new(&id).send(&client).await.unwrap();
    assert_eq!(gone.status, SubscriptionStatus::Canceled);
}

async fn change_plan(client: &Client, id: &stripe_shared::SubscriptionId, item: &str) {
    let dear = monthly(client, 99_900).await;
    let mut wanted = CreatePreviewInvoiceSubscriptionDetailsItems::new();
    (wanted.id, wanted.price) = (Some(item.to_owned()), Some(dear.id.to_string()));
    let mut details = CreatePreviewInvoiceSubscriptionDetails::new();
    details.items = Some(vec![wanted]);
    let preview =
        CreatePreviewInvoice::new().subscription(id.as_str()).subscription_details(details).send(client).await.unwrap();
    assert!(preview.total >= 99_900, "{}", preview.total);
    let mut change = UpdateSubscriptionItems::new();
    (change.id, change.price) = (Some(item.to_owned()), Some(dear.id.to_string()));
    let changed = UpdateSubscription::new(id).items(vec![change]).send(client).await.unwrap();
    assert_eq!(changed.items.data[0].price.id, dear.id);
}

#[tokio::test]
async fn sessions_can_be_expired() {
    let client = client(KEY, &SHARED.url);
    let customer = CreateCustomer::new().email("eve@example.com").send(&client).await.unwrap();
    let price = monthly(&client, 49_900).await;
    let session = checkout(customer.id.as_str(), price.id.as_str()).send(&client).await.unwrap();
    let expired = ExpireCheckoutSession::new(&session.id).send(&client).await.unwrap();
    assert_eq!(expired.status, Some(CheckoutSessionStatus::Expired));
}

#[tokio::test]
async fn errors_and_idempotency() {
    let wrong = client("sk_live_no", &SHARED.url);
    let refused = CreateCustomer::new().send(&wrong).await.unwrap_err();
    assert!(matches!(refused, StripeError::Stripe(_, 401)), "{refused}");
    let client = client(KEY, &SHARED.url);
    let missing = RetrievePrice::new("price_none").send(&client).await.unwrap_err();
    let StripeError::Stripe(error, 404) = missing else { panic!("{missing}") };
    assert_eq!(error.param.as_deref(), Some("id"));
    let once = || {
        let key = IdempotencyKey::new("async-stripe-1").unwrap();
        CreateCustomer::new().name("Once").customize().request_strategy(RequestStrategy::Idempotent(key)).send(&client)
    };
    assert_eq!(once().await.unwrap().id, once().await.unwrap().id);
}

#[tokio::test]
async fn every_webhook_parses() {
    let stand = Stand::start(|_| {});
    let id = stand.subscribe().await;
    stand.call("DELETE", &format!("subscriptions/{id}"), &[]).await;
    let hooks = stand.hooks(|hooks| hooks.len() == 14).await;
    let mut known = 0;
    for hook in &hooks {
        let event = Webhook::construct_event(&hook.body, &hook.signature, SECRET)
            .unwrap_or_else(|error| panic!("{error}: {}", hook.body));
        known += usize::from(!matches!(event.data.object, EventObject::Unknown(_)));
    }
    assert!(known >= 8, "{known} of the events are known to the library");
}
