;; A reference that is null.
(module (func (export "f") (result i32) (i32.add (ref.is_null (ref.null extern)) (i32.const 41))))
