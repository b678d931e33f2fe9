;; A tail call.
(module (func $g (result i32) (i32.const 42)) (func (export "f") (result i32) (return_call $g)))
