import 'reflect-metadata'
import './support/stand-in.js'
