//! How the copy is written: every section as it was, with what stands in for imports at the front of its
//! section, and new numbers wherever something is referred to.

use super::{OWN_SECTIONS, Writer, Written};
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, FunctionSection, GlobalSection, ImportSection, MemorySection, Module, SectionId,
    TableSection, TagSection,
};
use wasmparser::Operator;

/// Where a section stands, since the numbers of sections are not in their order.
fn place(section: SectionId) -> u8 {
    match section {
        SectionId::Type => 1,
        SectionId::Import => 2,
        SectionId::Function => 3,
        SectionId::Table => 4,
        SectionId::Memory => 5,
        SectionId::Tag => 6,
        SectionId::Global => 7,
        SectionId::Export => 8,
        SectionId::Start => 9,
        SectionId::Element => 10,
        SectionId::DataCount => 11,
        SectionId::Code => 12,
        SectionId::Data => 13,
        SectionId::Custom => 0,
    }
}

impl Reencode for Writer {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Written<u32> {
        Ok(self.functions.of(function))
    }

    fn table_index(&mut self, table: u32) -> Written<u32> {
        Ok(self.tables.of(table))
    }

    fn memory_index(&mut self, memory: u32) -> Written<u32> {
        Ok(self.memories.of(memory))
    }

    fn global_index(&mut self, global: u32) -> Written<u32> {
        Ok(self.globals.of(global))
    }

    fn tag_index(&mut self, tag: u32) -> Written<u32> {
        Ok(self.tags.of(tag))
    }

    /// An expression of the first release may refer to imported globals alone: what stands in for one is
    /// written as its value.
    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Written<ConstExpr> {
        if let Operator::GlobalGet { global_index } = expression.get_operators_reader().read()?
            && self.globals.is_stub(global_index)
            && let Some(ty) =
                usize::try_from(global_index).ok().and_then(|index| self.global_types.get(index))
        {
            return self.zero(*ty);
        }
        utils::const_expr(self, expression)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Written<()> {
        for import in section.into_imports() {
            let import = import?;
            let stays = self.stays.get(self.seen).copied().unwrap_or(true);
            self.seen += 1;
            if stays {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Written<()> {
        self.add_functions(functions)?;
        utils::parse_function_section(self, functions, section)
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Written<()> {
        self.add_tables(tables)?;
        utils::parse_table_section(self, tables, section)
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Written<()> {
        self.add_memories(memories)?;
        utils::parse_memory_section(self, memories, section)
    }

    fn parse_tag_section(
        &mut self,
        tags: &mut TagSection,
        section: wasmparser::TagSectionReader<'_>,
    ) -> Written<()> {
        self.add_tags(tags)?;
        utils::parse_tag_section(self, tags, section)
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Written<()> {
        self.add_globals(globals)?;
        utils::parse_global_section(self, globals, section)
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Written<()> {
        self.add_bodies(code)?;
        utils::parse_code_section(self, code, section)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Written<()> {
        if self.keeps_numbers() {
            code.raw(body.as_bytes());
            return Ok(());
        }
        utils::parse_function_body(self, code, body)
    }

    /// Sections that the module lacks, each at its place.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Infallible>> {
        while let Some(section) = OWN_SECTIONS.get(self.over).copied() {
            if before.is_some_and(|before| place(before) <= place(section)) {
                break;
            }
            self.over += 1;
            if !self.present.contains(&section) {
                self.section_of_stubs(module, section)?;
            }
        }
        Ok(())
    }
}
