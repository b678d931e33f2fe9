;; A mutable global that is exported.
(module (global (export "g") (mut i32) (i32.const 42)) (func (export "f") (result i32) (global.get 0)))
