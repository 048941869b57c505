import 'reflect-metadata'
import './support/stand-in.js'
import { isLong } from './support/long.js'

// Of the properties that do not say themselves how often.
if (isLong) (await import('fast-check')).default.configureGlobal({ numRuns: 2_000 })
