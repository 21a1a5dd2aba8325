//! What one request costs in this crate: a filter over a thousand documents, a small patch, a large one.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has no figures")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use scim::{
    Document, body,
    filter::Filter,
    patch::Patch,
    schema::{Registry, ResourceType},
};
use serde_json::{Value, json};
use std::hint::black_box;

const DOCUMENTS: usize = 1_000;
const MEMBERS: usize = 1_000;

fn resource_type(registry: &Registry, name: &str) -> ResourceType {
    registry.by_name(name).expect("built in").clone()
}

fn person(users: &ResourceType, number: usize) -> Document {
    let body = json!({
        "userName": format!("user.{number}@acme.example"),
        "externalId": format!("{number:08}"),
        "name": {"givenName": "Zoë", "familyName": "Müller"},
        "active": !number.is_multiple_of(20),
        "emails": [{"value": format!("User.{number}@acme.example"), "type": "work", "primary": true}],
    });
    body::create(users, body).expect("a user")
}

fn filters(criterion: &mut Criterion) {
    let registry = Registry::builtin();
    let users = resource_type(&registry, "User");
    let people: Vec<Document> = (0..DOCUMENTS).map(|number| person(&users, number)).collect();
    let mut group = criterion.benchmark_group("filter");
    group.throughput(Throughput::Elements(DOCUMENTS as u64));
    for (name, text) in [
        ("user_name", r#"userName eq "USER.999@acme.example""#),
        ("beyond_ascii", r#"name.familyName eq "MÜLLER" and active eq true"#),
        ("value_path", r#"emails[type eq "work" and value co "99@"] or externalId sw "0000001""#),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let filter = Filter::parse(black_box(text), &users).expect("a filter");
                people.iter().filter(|person| filter.matches(person)).count()
            });
        });
    }
    group.finish();
}

fn request(operations: &[Value]) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn patches(criterion: &mut Criterion) {
    let registry = Registry::builtin();
    let (users, groups) = (resource_type(&registry, "User"), resource_type(&registry, "Group"));
    let user = person(&users, 1);
    let one = request(&[json!({"op": "Replace", "path": "active", "value": "False"})]);
    criterion.bench_function("patch/one_attribute", |bencher| {
        bencher.iter_batched_ref(
            || user.clone(),
            |user| Patch::parse(black_box(&one), &users).expect("a patch").apply(user).expect("applied"),
            BatchSize::SmallInput,
        );
    });

    let add = |n: usize| json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": format!("u{n}")}]});
    let many = request(&(0..MEMBERS).map(add).collect::<Vec<_>>());
    let empty = body::create(&groups, json!({"displayName": "g"})).expect("a group");
    let mut group = criterion.benchmark_group("patch");
    group.throughput(Throughput::Elements(MEMBERS as u64));
    group.bench_function("members_applied", |bencher| {
        bencher.iter_batched_ref(
            || empty.clone(),
            |group| Patch::parse(black_box(&many), &groups).expect("a patch").apply(group).expect("applied"),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("members_split", |bencher| {
        bencher.iter(|| {
            Patch::parse(black_box(&many), &groups).expect("a patch").split("members").expect("a list")
        });
    });
    group.finish();
}

criterion_group!(benches, filters, patches);
criterion_main!(benches);
