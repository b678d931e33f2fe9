//! A compiled module as the system's loader gives it, and its instances.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::rc::Rc;
use tempfile::TempPath;
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{self, Error, NumberType, Signature, Value};

/// A module's function that takes nothing but its instance.
type Plain = unsafe extern "C" fn(*mut c_void);
/// An export's wrapper: instance, arguments, results.
type Wrapper = unsafe extern "C" fn(*mut c_void, *const u64, *mut u64);
/// An export of type (i32) -> i64 itself.
type I32ToI64 = unsafe extern "C" fn(*mut c_void, u32) -> u64;

unsafe extern "C" {
    fn wasm_rt_init();
    fn wasm_rt_is_initialized() -> bool;
    fn wasm_rt_strerror(trap: c_int) -> *const c_char;
    fn worker_enter(function: Plain, instance: *mut c_void) -> c_int;
    fn worker_call(wrapper: Wrapper, instance: *mut c_void, args: *const u64, results: *mut u64) -> c_int;
    fn worker_call_i32_i64(function: I32ToI64, instance: *mut c_void, arg: u32, result: *mut u64) -> c_int;
}

/// Sets the runtime up, once a process: its signal handlers and their stack.
pub fn initialize() {
    // SAFETY: both are called from the worker's one thread, and the second once.
    unsafe {
        if !wasm_rt_is_initialized() {
            wasm_rt_init();
        }
    }
}

/// An entry of the table that `glue.rs` writes.
#[repr(C)]
struct RawExport {
    name: *const u8,
    name_bytes: u64,
    params: *const c_char,
    results: *const c_char,
    wrapper: Option<Wrapper>,
    function: *const c_void,
}

/// A loaded module.
pub struct Module {
    instantiate: Plain,
    free: Plain,
    instance_bytes: usize,
    exports: &'static [RawExport],
    // What the fields above point into; unloaded when the last instance is gone, and then its file.
    _library: Library,
    _file: TempPath,
}

/// Makes sure that `file` ends where the last table of an ELF file does. The system's loader maps a file without
/// looking at its length, and the handler of wasm2c's runtime cannot leave a fault there.
///
/// # Errors
/// [`ErrorKind::Rejected`](worker::protocol::ErrorKind::Rejected) where it does not.
pub fn check_is_whole(file: &Path) -> protocol::Result<()> {
    let bytes = std::fs::read(file)?;
    // Of the header: where the section headers begin, the size of one, and how many there are.
    let number = |at: usize, count: usize| {
        let field = bytes.get(at..at + count)?;
        Some(field.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let end = || number(40, 8)?.checked_add(number(58, 2)? * number(60, 2)?);
    if bytes.starts_with(b"\x7fELF") && end().is_some_and(|end| end <= bytes.len() as u64) {
        return Ok(());
    }
    Err(Error::rejected("the artifact was cut short, or is no shared object"))
}

impl Module {
    /// Loads `file`, which `Object::save` wrote and nothing has loaded before.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](worker::protocol::ErrorKind::Rejected) in the loader's words.
    pub fn load(file: TempPath) -> protocol::Result<Rc<Module>> {
        // SAFETY: the file is a shared object of wasm2c's code, which has no initialisers.
        let library = unsafe { Library::open(Some(&*file), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|error| rejected(&error, &file))?;
        let missing = |error: libloading::Error| rejected(&error, &file);
        // SAFETY: glue.rs gives every module these symbols, with these types. The table is used while
        // the library is loaded.
        let module = unsafe {
            let count = **library.get::<*const u64>(b"worker_export_count\0").map_err(missing)?;
            let table = *library.get::<*const RawExport>(b"worker_exports\0").map_err(missing)?;
            Module {
                instantiate: *library.get::<Plain>(b"worker_instantiate\0").map_err(missing)?,
                free: *library.get::<Plain>(b"worker_free\0").map_err(missing)?,
                instance_bytes: to_usize(
                    **library.get::<*const u64>(b"worker_instance_bytes\0").map_err(missing)?,
                ),
                exports: std::slice::from_raw_parts(table, to_usize(count)),
                _library: library,
                _file: file,
            }
        };
        Ok(Rc::new(module))
    }
}

fn rejected(error: &libloading::Error, file: &Path) -> Error {
    Error::rejected(error.to_string().replace(&*file.to_string_lossy(), "the artifact"))
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// An instance of a module: a structure that wasm2c's code fills and frees.
pub struct Instance {
    data: Box<[u128]>,
    module: Rc<Module>,
    is_made: bool,
}

impl Instance {
    /// Makes an instance.
    ///
    /// # Errors
    /// What a start function traps with.
    pub fn new(module: &Rc<Module>) -> Result<Instance, Stop> {
        let slots = module.instance_bytes.div_ceil(size_of::<u128>());
        let mut instance = Instance { data: vec![0; slots].into(), module: module.clone(), is_made: false };
        let data = instance.data();
        // SAFETY: the structure has the size and the alignment that the module asks for.
        stop(unsafe { worker_enter(module.instantiate, data) })?;
        instance.is_made = true;
        Ok(instance)
    }

    #[inline(always)]
    fn data(&mut self) -> *mut c_void {
        self.data.as_mut_ptr().cast()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.is_made {
            let (free, data) = (self.module.free, self.data());
            // SAFETY: the module has made this instance, and nothing uses it any more.
            unsafe { free(data) };
        }
    }
}

/// A trap, by wasm2c's number.
pub struct Stop(c_int);

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        // SAFETY: the runtime's texts are constants.
        Error::trap(unsafe { CStr::from_ptr(wasm_rt_strerror(self.0)) }.to_string_lossy())
    }
}

#[inline(always)]
fn stop(trap: c_int) -> Result<(), Stop> {
    if trap == 0 { Ok(()) } else { Err(Stop(trap)) }
}

/// An exported function.
pub struct Export {
    wrapper: Option<Wrapper>,
    function: *const c_void,
    params: &'static CStr,
    results: &'static CStr,
}

impl Embedding for Instance {
    type Function = Export;
    type Number = Slot;
    type Typed = I32ToI64;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Export> {
        let export = self.module.exports.iter().find(|export| {
            // SAFETY: the table's names have the lengths that stand beside them.
            let bytes = unsafe { std::slice::from_raw_parts(export.name, to_usize(export.name_bytes)) };
            bytes == name.as_bytes()
        })?;
        // SAFETY: the table's lists of types end with a zero, and live as long as the module.
        let (params, results) = unsafe { (CStr::from_ptr(export.params), CStr::from_ptr(export.results)) };
        Some(Export { wrapper: export.wrapper, function: export.function, params, results })
    }

    fn signature(&mut self, export: &Export) -> Result<Signature, String> {
        let numbers = |types: &CStr| {
            types.to_bytes().iter().map(|letter| number(*letter)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Signature { params: numbers(export.params)?, results: numbers(export.results)? })
    }

    fn number(value: Value) -> Slot {
        Slot::of(value)
    }

    fn value(slot: &Slot) -> Option<Value> {
        Some(slot.value())
    }

    #[inline]
    fn call(&mut self, export: &Export, args: &[Slot], results: &mut Vec<Slot>) -> Result<(), Stop> {
        const INLINE: usize = 8;
        let wrapper = export.wrapper.expect("the kit calls functions of numbers only");
        let (mut few_args, mut few_results) = ([0; INLINE], [0; INLINE]);
        let (mut many_args, mut many_results) = (Vec::new(), Vec::new());
        let slots = slots(&mut few_args, &mut many_args, args.len());
        for (slot, arg) in slots.iter_mut().zip(args) {
            *slot = arg.bits;
        }
        let returned = self::slots(&mut few_results, &mut many_results, results.len());
        let data = self.data();
        // SAFETY: the arguments have the export's types, which the kit has checked, and there is a slot
        // for each result.
        stop(unsafe { worker_call(wrapper, data, slots.as_ptr(), returned.as_mut_ptr()) })?;
        for (result, bits) in results.iter_mut().zip(returned) {
            result.bits = *bits;
        }
        Ok(())
    }

    fn typed(&mut self, export: &Export) -> Option<I32ToI64> {
        // SAFETY: the kit asks for this only where the export has this type.
        Some(unsafe { std::mem::transmute::<*const c_void, I32ToI64>(export.function) })
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &I32ToI64, arg: i32) -> Result<i64, Stop> {
        let mut result = 0;
        let data = self.data();
        // SAFETY: the function is an export of this instance's module.
        stop(unsafe { worker_call_i32_i64(*function, data, arg.cast_unsigned(), &raw mut result) })?;
        Ok(result.cast_signed())
    }
}

/// The first `count` of `few`, or as many new ones, so that most calls allocate nothing.
#[inline]
fn slots<'a>(few: &'a mut [u64], many: &'a mut Vec<u64>, count: usize) -> &'a mut [u64] {
    if count <= few.len() {
        return &mut few[..count];
    }
    many.resize(count, 0);
    many
}

/// The type that a letter of the table stands for.
fn number(letter: u8) -> Result<NumberType, String> {
    Ok(match letter {
        b'i' => NumberType::I32,
        b'j' => NumberType::I64,
        b'f' => NumberType::F32,
        b'd' => NumberType::F64,
        b'V' => return Err("v128".to_owned()),
        b'F' => return Err("funcref".to_owned()),
        b'E' => return Err("externref".to_owned()),
        _ => return Err("a reference".to_owned()),
    })
}
