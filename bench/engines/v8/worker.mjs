// The program that measures V8. Usage: node worker.mjs CONFIGURATION

import { serve } from './serve.mjs';
import { V8 } from './v8.mjs';

serve(V8);
