//! Takes out of a module what can never run, though a table of functions refers to it.

use walrus::{FunctionBuilder, FunctionKind, Module};

/// Leptos makes every view able to be taken over piece by piece while the code for a lazily loaded route still comes.
/// No route here is loaded lazily, so that nothing calls it; it was a twentieth of the compressed module.
///
/// Only the bodies of these async functions, as the compiler names them, and no function within them: the compiler
/// merges functions that look the same, but each body names its own place in the source (for being polled once too
/// often), so that none was merged with one of another name.
const NEVER_CALLED: &str = "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h";

/// What ends a name: sixteen digits that tell functions of one name apart, and `E`.
const END: usize = 17;

/// Lets the bodies of these functions trap, so that what only they call is dropped; says how many there were.
///
/// # Panics
/// Never on a valid module: every function has a type.
pub fn trim(module: &mut Module) -> usize {
    let named = |name: &str| name.rfind(NEVER_CALLED).is_some_and(|at| at + NEVER_CALLED.len() + END == name.len());
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
