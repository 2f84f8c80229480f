// Every call that the sandbox serves, through Stripe's own library for Node, unchanged.
// The address comes as the first argument, a webhook (body and signature) as JSON in the second.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const base = new URL(process.argv[2]);
const address = { host: base.hostname, port: base.port, protocol: 'http' };
const stripe = new Stripe('sk_test_node', { ...address, maxNetworkRetries: 0 });

async function submit(url, form) {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  return [answer.status, answer.headers.get('location')];
}

async function fails(type, fields, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.type, type, error.stack);
    for (const [name, value] of Object.entries(fields)) assert.equal(error[name], value, `${name}: ${error.message}`);
    return true;
  });
}

async function customers() {
  const made = await stripe.customers.create({ email: 'ada@example.com', metadata: { user: '7' } });
  assert.equal((await stripe.customers.retrieve(made.id)).metadata.user, '7');
  assert.equal((await stripe.customers.update(made.id, { name: 'Ada' })).name, 'Ada');
  const others = await Promise.all([1, 2, 3].map((n) => stripe.customers.create({ name: `page ${n}` })));
  const paged = await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 200 });
  for (const other of others) assert.ok(paged.some((found) => found.id === other.id));
  assert.equal((await stripe.customers.del(others[0].id)).deleted, true);
  return made;
}

async function prices() {
  const product = await stripe.products.create({ name: 'Pro' });
  assert.equal((await stripe.products.retrieve(product.id)).name, 'Pro');
  assert.ok((await stripe.products.list()).data.length);
  const price = await stripe.prices.create({ currency: 'inr', unit_amount: 49900, product: product.id, recurring: { interval: 'month' } });
  assert.equal((await stripe.prices.retrieve(price.id, { expand: ['product'] })).product.name, 'Pro');
  assert.equal((await stripe.prices.list({ product: product.id })).data.length, 1);
  return price;
}

async function checkout(customer, price) {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription', customer: customer.id, success_url: 'http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back', line_items: [{ price: price.id, quantity: 1 }], subscription_data: { metadata: { user: '7' } },
  });
  assert.equal((await submit(session.url, { cardNumber: '4000000000009995', cardExpiry: '12/40', cardCvc: '123' }))[0], 402);
  const [status, place] = await submit(session.url, { cardNumber: '4242424242424242', cardExpiry: '12/40', cardCvc: '123' });
  assert.deepEqual([status, place], [303, `http://127.0.0.1:9/done?s=${session.id}`]);
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'line_items'] });
  assert.equal(paid.subscription.status, 'active');
  assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data[0].price.id, price.id);
  assert.equal((await stripe.checkout.sessions.list({ customer: customer.id })).data.length, 1);
  const other = await stripe.checkout.sessions.create({ mode: 'subscription', success_url: 'http://127.0.0.1:9/', line_items: [{ price: price.id, quantity: 1 }] });
  assert.equal((await stripe.checkout.sessions.expire(other.id)).status, 'expired');
  return paid.subscription;
}

async function subscriptions(customer, subscription, price) {
  const found = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice.payments'] });
  assert.equal(found.latest_invoice.payments.data[0].payment.type, 'payment_intent');
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 1);
  const dear = await stripe.prices.create({ currency: 'inr', unit_amount: 99900, product: price.product, recurring: { interval: 'month' } });
  const items = [{ id: found.items.data[0].id, price: dear.id }];
  assert.ok((await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: { items } })).total > 0);
  assert.equal((await stripe.subscriptions.update(subscription.id, { items })).items.data[0].price.id, dear.id);
  assert.ok((await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true })).cancel_at);
  await fails('StripeInvalidRequestError', {}, () => stripe.subscriptions.resume(subscription.id));
  const [invoice] = (await stripe.invoices.list({ customer: customer.id })).data;
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'paid');
  const [charge] = (await stripe.charges.list({ customer: customer.id })).data;
  assert.equal((await stripe.paymentIntents.retrieve(charge.payment_intent)).status, 'succeeded');
  assert.equal((await stripe.refunds.create({ payment_intent: charge.payment_intent, amount: 100 })).status, 'succeeded');
  assert.equal((await stripe.paymentMethods.list({ customer: customer.id })).data[0].card.last4, '4242');
  assert.ok((await stripe.billingPortal.sessions.create({ customer: customer.id })).url.startsWith(base.origin));
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled');
}

async function errors(customer) {
  const wrong = new Stripe('sk_live_x', address);
  await fails('StripeAuthenticationError', { statusCode: 401 }, () => wrong.customers.list());
  await fails('StripeInvalidRequestError', { statusCode: 404, code: 'resource_missing' }, () => stripe.customers.retrieve('cus_none'));
  await fails('StripeInvalidRequestError', { code: 'parameter_unknown', param: 'colour' }, () => stripe.customers.create({ colour: 'red' }));
  await fails('StripeCardError', { statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' }, () =>
    stripe.paymentIntents.create({ amount: 500, currency: 'inr', confirm: true, payment_method: 'pm_card_visa_chargeDeclined' }));
  await fails('StripeCardError', { code: 'card_declined' }, () => stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id }));
  const idempotencyKey = `node-${Date.now()}`;
  const all = await Promise.all([1, 2, 3].map(() => stripe.customers.create({ name: 'Once' }, { idempotencyKey })));
  assert.equal(new Set(all.map((made) => made.id)).size, 1);
  await fails('StripeIdempotencyError', { statusCode: 400 }, () => stripe.customers.create({ name: 'Twice' }, { idempotencyKey }));
}

async function webhooks() {
  const { body, signature, secret } = JSON.parse(process.argv[3]);
  assert.equal(stripe.webhooks.constructEvent(body, signature, secret).object, 'event');
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'), { type: 'StripeSignatureVerificationError' });
  const [found] = (await stripe.events.list({ type: 'checkout.session.completed' })).data;
  assert.equal((await stripe.events.retrieve(found.id)).id, found.id);
  const endpoint = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/hook', enabled_events: ['charge.refunded'] });
  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
}

const [customer, price] = [await customers(), await prices()];
await subscriptions(customer, await checkout(customer, price), price);
await errors(customer);
await webhooks();
console.log('every call answered');
