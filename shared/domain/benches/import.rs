//! Reading a file of people against a bare `csv::ByteRecord` loop over the same bytes.
//!
//! `read` is parse and validate; `survey_and_read` is both passes that an import makes. The aim for `read` is at
//! least 0.4 of the speed of `bare_csv`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has no figures")]

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::import::document::merge;
use domain::import::duplicates::survey;
use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::read::{RowBuffer, open};
use domain::import::rules::Rules;
use serde_json::{Map, Value};

const ROWS: usize = 100_000;

/// People with umlauts, quotation marks, commas and semicolons, all different, quoted where necessary.
fn people() -> Vec<u8> {
    const FIRST: [&str; 8] = ["Ann", "Jürgen", "Zoë", "Li", "\"Bob\" Robert", "Søren", "Maria", "José"];
    const LAST: [&str; 7] = ["Müller", "Smith", "O'Neill", "Weiß; Schwarz", "García", "Jones, Jr.", "Novák"];
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = "status,loginName,mail,firstName,lastName,language,validFrom,uid,location,division";
    file.write_record(header.split(',')).expect("to memory");
    for row in 0..ROWS {
        let status = if row % 20 == 0 { "inactive" } else { "active" };
        let (login, mail) = (format!("user.{row}"), format!("user.{row}@acme.example"));
        let (first, last) = (FIRST[row % FIRST.len()], LAST[row / 3 % LAST.len()]);
        let uid = format!("{row:08}");
        let cells =
            [status, &login, &mail, first, last, "de-DE", "20260101000000Z", &uid, "Berlin Mitte", "Sales"];
        file.write_record(cells).expect("to memory");
    }
    file.into_inner().expect("to memory")
}

fn read_all(file: &[u8], survey: Option<Arc<domain::import::duplicates::Survey>>) -> u64 {
    let mut reader = open(Cursor::new(file), &Format::default(), &Mapping::default(), &Rules::default())
        .expect("a good file");
    if let Some(survey) = survey {
        reader = reader.with_survey(survey);
    }
    let mut row = RowBuffer::new();
    while reader.next(&mut row).expect("from memory").is_some() {
        black_box(row.desired());
    }
    assert_eq!(reader.counts().accepted, ROWS as u64);
    reader.counts().rows
}

fn reading(criterion: &mut Criterion) {
    let file = people();
    let mut group = criterion.benchmark_group("import");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    group.bench_function("bare_csv", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_reader(Cursor::new(&file));
            let mut record = csv::ByteRecord::new();
            let mut rows = 0_u64;
            while reader.read_byte_record(&mut record).expect("from memory") {
                black_box(&record);
                rows += 1;
            }
            rows
        });
    });
    group.bench_function("read", |bencher| bencher.iter(|| read_all(&file, None)));
    group.bench_function("survey_and_read", |bencher| {
        bencher.iter(|| {
            let found =
                survey(Cursor::new(&file), &Format::default(), &Mapping::default(), &Rules::default());
            read_all(&file, Some(Arc::new(found.expect("a good file"))))
        });
    });
    group.finish();
}

/// The price of telling that a user is already as the row wants.
fn unchanged(criterion: &mut Criterion) {
    let file = people();
    let mut reader = open(Cursor::new(&file), &Format::default(), &Mapping::default(), &Rules::default())
        .expect("a good file");
    let mut row = RowBuffer::new();
    reader.next(&mut row).expect("from memory");
    let present: Map<String, Value> =
        merge(&row.desired().expect("a good row"), None).expect("a new user").document;
    criterion.bench_function("unchanged", |bencher| {
        bencher.iter_batched(
            || row.desired().expect("a good row"),
            |desired| assert!(merge(&desired, Some(&present)).is_none()),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, reading, unchanged);
criterion_main!(benches);
