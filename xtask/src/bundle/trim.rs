//! Takes out of a module what can never run, though a table of functions refers to it.

use walrus::{FunctionBuilder, FunctionKind, Module};

/// Parts of the names of functions that nothing calls. Leptos makes every view able to be taken over piece by piece
/// while the code for a lazily loaded route still comes, and every attribute able to be found in a template element.
/// There is neither here; they were a twentieth of the compressed module.
const NEVER_CALLED: [&str; 2] = ["hydrate_async", "hydrate_from_template"];

/// Lets the bodies of these functions trap, so that what only they call is dropped; says how many there were.
///
/// # Panics
/// Never on a valid module: every function has a type.
pub fn trim(module: &mut Module) -> usize {
    let named = |name: &str| NEVER_CALLED.iter().any(|part| name.contains(part));
    let found: Vec<_> = module
        .funcs
        .iter()
        .filter(|function| matches!(function.kind, FunctionKind::Local(_)))
        .filter(|function| function.name.as_deref().is_some_and(named))
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
