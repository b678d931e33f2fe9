//! serde_json parses one document into a tree, changes it, and prints it in both of its styles:
//! numbers, escapes, many small allocations and a map that is kept in order.

use common::Checksum;
use serde_json::Value;

const PEOPLE: &str = include_str!("../../inputs/people.json");

/// Parses and prints an array of `size` records, and returns a checksum of what was printed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let records: Vec<&str> = PEOPLE.lines().cycle().take(size as usize).collect();
    let document = format!("[{}]", records.join(",\n"));
    let mut people: Value = serde_json::from_str(&document).expect("the input is JSON");
    for person in people.as_array_mut().into_iter().flatten() {
        person["total"] = total(person).into();
    }
    let mut checksum = Checksum::default();
    checksum.add(people.to_string().as_bytes());
    checksum.add(format!("{people:#}").as_bytes());
    checksum.finish()
}

/// What a person has paid.
fn total(person: &Value) -> f64 {
    let orders = person["orders"].as_array().into_iter().flatten();
    let paid = orders.filter(|order| order["paid"] == true);
    paid.filter_map(|order| order["total"].as_f64()).sum()
}
