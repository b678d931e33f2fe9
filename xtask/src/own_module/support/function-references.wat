;; A call of a reference.
(module (type $t (func (result i32))) (func $g (type $t) (i32.const 42)) (elem declare func $g) (func (export "f") (result i32) (call_ref $t (ref.func $g))))
