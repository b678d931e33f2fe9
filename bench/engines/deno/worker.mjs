// The program that measures deno's V8. Usage: sh start.sh worker.mjs CONFIGURATION

import { Deno } from './deno.mjs';
import { serve } from './serve.mjs';

serve(Deno);
