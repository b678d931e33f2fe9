;; A function of two results.
(module (func $two (result i32 i32) (i32.const 40) (i32.const 2)) (func (export "f") (result i32) (i32.add (call $two))))
