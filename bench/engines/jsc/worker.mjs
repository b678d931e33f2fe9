// The program that measures JavaScriptCore. Usage: sh start.sh worker.mjs CONFIGURATION

import { Jsc } from './jsc.mjs';
import { serve } from './serve.mjs';

serve(Jsc);
