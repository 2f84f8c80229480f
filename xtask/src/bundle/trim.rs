//! Takes out of a module what can never run, though a table of functions refers to it, and what nobody hears.

use walrus::ir::Value;
use walrus::{ConstExpr, Data, DataId, DataKind, FunctionBuilder, FunctionKind, Module};

/// Leptos makes every view able to be taken over piece by piece while the code for a lazily loaded route still comes.
/// No route here is loaded lazily, so that nothing calls it; it was a twentieth of the compressed module.
///
/// Only the bodies of these async functions, as the compiler names them, and no function within them: the compiler
/// merges functions that look the same, but each body names its own place in the source (for being polled once too
/// often), so that none was merged with one of another name.
const NEVER_CALLED: &str = "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h";

/// What ends a name: sixteen digits that tell functions of one name apart, and `E`.
const END: usize = 17;

/// The standard library's functions that never return: all of them put words together, which go nowhere in a worker
/// without a panic hook, and trap.
const PANICS: [&str; 13] = [
    "4core9panicking",
    "4core5slice5index16slice_index_fail",
    "4core5slice20copy_from_slice_impl17len_mismatch_fail",
    "4core3str16slice_error_fail",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "4core6option13expect_failed",
    "4core6option13unwrap_failed",
    "4core6result13unwrap_failed",
    "5alloc7raw_vec12handle_error",
    "5alloc7raw_vec17capacity_overflow",
    "5alloc5alloc18handle_alloc_error",
    "7___rustc17rust_begin_unwind",
];

/// Lets what Leptos never calls trap, so that what only it calls is dropped; says how many functions that were.
pub fn never_called(module: &mut Module) -> usize {
    trap(module, |name| name.rfind(NEVER_CALLED).is_some_and(|at| at + NEVER_CALLED.len() + END == name.len()))
}

/// Lets a panic trap without its words, and blanks where in the source each stands, which only they would tell; says how
/// many functions that were.
pub fn panics(module: &mut Module) -> usize {
    let found = trap(module, |name| PANICS.iter().any(|panic| name.contains(panic)));
    blank_places(module);
    found
}

/// A place in the source as the compiler lays it out: address and length of the file's name, line and column.
const PLACE: usize = 16;

fn blank_places(module: &mut Module) {
    let names_a_file = |name| text(module, name).is_some_and(|text| text.ends_with(b".rs"));
    let found: Vec<_> = places(module).filter(|(_, _, name)| names_a_file(*name)).collect();
    let all: Vec<_> = module.data.iter().map(Data::id).collect();
    for (data, at, (address, length)) in found {
        module.data.get_mut(data).value[at..at + PLACE].fill(0);
        for part in &all {
            let part = module.data.get_mut(*part);
            let Some(at) = start(part).and_then(|start| address.checked_sub(start)) else { continue };
            if let Some(name) = part.value.get_mut(at..at + length) {
                name.fill(0);
            }
        }
    }
}

/// What could be a place: in which data and where it lies, and the address and length of its file's name.
fn places(module: &Module) -> impl Iterator<Item = (DataId, usize, (usize, usize))> {
    module.data.iter().filter_map(|data| Some((data, start(data)?))).flat_map(|(data, start)| {
        let aligned = (start.next_multiple_of(4) - start..data.value.len()).step_by(4);
        aligned.filter_map(move |at| {
            let word = |number: usize| {
                let bytes = data.value.get(at + 4 * number..)?.first_chunk::<4>()?;
                usize::try_from(u32::from_le_bytes(*bytes)).ok()
            };
            let (address, length, line, column) = (word(0)?, word(1)?, word(2)?, word(3)?);
            let plausible = (4..400).contains(&length) && (1..100_000).contains(&line) && (1..1_000).contains(&column);
            plausible.then_some((data.id(), at, (address, length)))
        })
    })
}

/// The text of so many bytes at an address.
fn text(module: &Module, (address, length): (usize, usize)) -> Option<&[u8]> {
    module.data.iter().find_map(|data| {
        let at = address.checked_sub(start(data)?)?;
        data.value.get(at..at + length)
    })
}

/// The address at which data lies.
fn start(data: &Data) -> Option<usize> {
    match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => usize::try_from(start).ok(),
        _ => None,
    }
}

/// Lets the functions of these names trap.
fn trap(module: &mut Module, named: impl Fn(&str) -> bool) -> usize {
    let found: Vec<_> = module
        .funcs
        .iter()
        .filter(|function| matches!(function.kind, FunctionKind::Local(_)))
        .filter(|function| function.name.as_deref().is_some_and(&named))
        .map(|function| (function.id(), function.ty()))
        .collect();
    for &(id, ty) in &found {
        let (params, results) = {
            let ty = module.types.get(ty);
            (ty.params().to_vec(), ty.results().to_vec())
        };
        let arguments = params.iter().map(|ty| module.locals.add(*ty)).collect();
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(arguments));
    }
    found.len()
}
