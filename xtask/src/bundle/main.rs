//! `xtask-bundle INPUT.wasm OUT_DIR NAME [--trim | --trap]`: wasm-bindgen as a library,
//! so that nobody has to install its command line tool in the right version.
//! With `--trim` what Leptos never calls is taken out first, with `--trap` the words of panics.

mod trim;

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

/// Takes something out; says how many functions.
type Trim = fn(&mut walrus::Module) -> usize;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (input, out_dir, name, trim) = match arguments.as_slice() {
        [input, out_dir, name] => (input, out_dir, name, None),
        [input, out_dir, name, trim] if trim == "--trim" => (input, out_dir, name, Some(trim::never_called as Trim)),
        [input, out_dir, name, trap] if trap == "--trap" => (input, out_dir, name, Some(trim::panics as Trim)),
        _ => {
            eprintln!("usage: xtask-bundle INPUT.wasm OUT_DIR NAME [--trim | --trap]");
            return ExitCode::from(2);
        }
    };
    let mut module = match walrus::ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(input)
    {
        Ok(module) => module,
        Err(error) => {
            eprintln!("{input}: {error:?}");
            return ExitCode::FAILURE;
        }
    };
    if trim.is_some_and(|trim| trim(&mut module) == 0) {
        eprintln!("{input}: found nothing to trim; are the functions named otherwise now?");
        return ExitCode::FAILURE;
    }
    let mut bindgen = Bindgen::new();
    let generated = bindgen
        .input_module(name, module)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:?}");
            ExitCode::FAILURE
        }
    }
}
