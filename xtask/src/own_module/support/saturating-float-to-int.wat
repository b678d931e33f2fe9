;; A conversion that does not trap.
(module (func (export "f") (result i32) (i32.trunc_sat_f32_s (f32.const 42.5))))
